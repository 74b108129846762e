import MartletCore
import Synchronization

/// The system's clock, until it is told to hurry: from then on what takes half a minute takes three seconds, over real sockets.
final class HurryingClock: EngineClock {
    private struct Pace {
        let factor: Int
        /// Where the pace was taken up, by the system's clock and by this one.
        let base: Duration
        let shown: Duration
    }

    private let system = Environment.system.clock
    private let pace: Mutex<Pace>

    init() {
        let now = system.uptime()
        pace = Mutex(Pace(factor: 1, base: now, shown: now))
    }

    func hurry(by factor: Int) {
        let now = system.uptime()
        pace.withLock { $0 = Pace(factor: factor, base: now, shown: Self.shown($0, at: now)) }
    }

    func now() -> Timestamp { system.now() }

    func uptime() -> Duration {
        let now = system.uptime()
        return pace.withLock { Self.shown($0, at: now) }
    }

    func sleep(for duration: Duration) async throws {
        try await system.sleep(for: duration / pace.withLock { $0.factor })
    }

    private static func shown(_ pace: Pace, at now: Duration) -> Duration { pace.shown + (now - pace.base) * pace.factor }
}
