import MartletCore
import StoreConformance

/// A clock on which a short sleep moves time and returns, and a long one ends when short ones have moved time so far.
final class LeapingClock: EngineClock {
    private let clock = ManualClock()

    func now() -> Timestamp { clock.now() }
    func uptime() -> Duration { clock.uptime() }

    func sleep(for duration: Duration) async throws {
        guard duration < .seconds(1) else { return try await clock.sleep(for: duration) }
        try Task.checkCancellation()
        clock.advance(by: duration)
        await Task.yield()
    }

    func advance(by duration: Duration) { clock.advance(by: duration) }
}
