import MartletCore
import Synchronization

/// Time that stands still until it is moved.
final class ManualClock: EngineClock {
    private let time = Mutex(Timestamp(seconds: 1_800_000_000))

    func now() -> Timestamp { time.withLock { $0 } }
    func uptime() -> Duration { now() - Timestamp(seconds: 1_800_000_000) }
    func advance(_ span: Duration) { time.withLock { $0 = $0 + span } }

    /// Passes without waiting, so that a look-out looks as fast as it can.
    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        await Task.yield()
        advance(duration)
    }
}
