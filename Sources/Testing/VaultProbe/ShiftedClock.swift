import MartletCore

/// A clock whose wall time is wrong by so much.
struct ShiftedClock: EngineClock {
    let base: any EngineClock
    let offset: Duration

    init(base: any EngineClock, by offset: Duration) {
        self.base = base
        self.offset = offset
    }

    func now() -> Timestamp { base.now() + offset }
    func uptime() -> Duration { base.uptime() }
    func sleep(for duration: Duration) async throws { try await base.sleep(for: duration) }
}
