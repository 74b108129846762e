/// Everything that would make two runs differ: the clock, the die and the ids. One value is handed down from the top, and nothing
/// else in the engine reads a clock, sleeps or rolls a die; so the whole engine runs under a seeded executor with a virtual clock.
public struct Environment: Sendable {
    public let clock: any EngineClock
    public let random: any RandomSource

    public init(clock: any EngineClock, random: any RandomSource) {
        self.clock = clock
        self.random = random
    }

    /// A new id, later than every id made a millisecond or more before it.
    public func makeJobID() -> JobID {
        JobID(at: clock.now(), random: (random.next(), random.next()))
    }

    /// A random duration from zero up to and including `limit`.
    public func duration(upTo limit: Duration) -> Duration {
        let span = UInt64(clamping: limit.microseconds)
        guard span > 0 else { return .zero }
        return .microseconds(Int64(random.next() % (span + 1)))
    }
}

/// The engine's only source of time.
public protocol EngineClock: Sendable {
    /// Wall-clock time in UTC. May jump.
    func now() -> Timestamp
    /// Time since some fixed instant of this process. Never jumps, never goes back.
    func uptime() -> Duration
    /// Returns after `duration`, or throws `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The engine's only source of randomness.
public protocol RandomSource: Sendable {
    func next() -> UInt64
}
