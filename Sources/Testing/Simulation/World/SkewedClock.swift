import MartletCore
import MartletTesting
import Synchronization

/// One machine's view of the time: the same seconds, another wall clock.
final class SkewedClock: EngineClock {
    private let base: VirtualClock
    private let skew = Mutex(Duration.zero)

    init(_ base: VirtualClock) {
        self.base = base
    }

    func step(_ duration: Duration) {
        skew.withLock { $0 += duration }
    }

    func now() -> Timestamp { base.now() + skew.withLock { $0 } }
    func uptime() -> Duration { base.uptime() }
    func sleep(for duration: Duration) async throws { try await base.sleep(for: duration) }
}
