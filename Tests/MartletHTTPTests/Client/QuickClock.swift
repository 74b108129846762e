import MartletCore

/// A clock of a world that is `factor` times as fast: what takes half a minute there takes a second here, over real sockets.
struct QuickClock: EngineClock {
    let factor: Int
    private let base = Environment.system.clock

    func now() -> Timestamp { base.now() }
    func uptime() -> Duration { base.uptime() * factor }
    func sleep(for duration: Duration) async throws { try await base.sleep(for: duration / factor) }
}
