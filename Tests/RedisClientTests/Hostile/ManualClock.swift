import MartletCore
import Synchronization

/// A clock that stands still until it is told otherwise.
final class ManualClock: EngineClock {
    private let time = Mutex(Duration.seconds(1000))

    func now() -> Timestamp { Timestamp(seconds: 1_700_000_000) + uptime() }
    func uptime() -> Duration { time.withLock { $0 } }
    func sleep(for duration: Duration) async throws { advance(by: duration) }
    func advance(by duration: Duration) { time.withLock { $0 += duration } }
}
