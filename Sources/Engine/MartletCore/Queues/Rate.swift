/// So many in such a time: `count` per `per`, at most `burst` of them at once.
public struct Rate: Sendable, Hashable {
    public var count: Int
    public var per: Duration
    public var burst: Int

    /// `burst` defaults to `count`: a bucket that has been left alone for `per` is full.
    public init(count: Int, per: Duration, burst: Int? = nil) {
        self.count = count
        self.per = per
        self.burst = burst ?? count
    }

    public var fault: StoreError? {
        guard (1...1_000_000_000).contains(count) else { return .invalid(field: "rate.count", reason: "must be from 1 to 1000000000") }
        guard per > .zero, per <= .seconds(366 * 86_400) else {
            return .invalid(field: "rate.per", reason: "must be longer than zero and at most a year")
        }
        guard (1...count).contains(burst) else { return .invalid(field: "rate.burst", reason: "must be from 1 to rate.count") }
        return nil
    }
}

/// The generic cell rate algorithm (ITU-T I.371, annex A, virtual scheduling): the state of a whole bucket is one instant, the
/// theoretical arrival time of the next conforming start, and it can never hold less than nothing (invariant 8).
public struct CellRate: Sendable, Hashable {
    /// Nanoseconds since 1970, because the interval between two of a million starts a second is no whole microsecond.
    public var theoreticalArrival: Int64

    public init(theoreticalArrival: Int64 = 0) {
        self.theoreticalArrival = theoreticalArrival
    }

    /// Rounded up, so that rounding never lets one too many through.
    private static func interval(_ rate: Rate) -> Int64 {
        let span = rate.per.microseconds * 1000
        return max(1, (span + Int64(rate.count) - 1) / Int64(rate.count))
    }

    /// How many can start at `now`.
    public func available(_ rate: Rate, at now: Timestamp) -> Int {
        let interval = Self.interval(rate)
        let nanoseconds = now.microseconds * 1000
        let room = nanoseconds + interval * Int64(rate.burst) - max(theoreticalArrival, nanoseconds)
        return room <= 0 ? 0 : Int(min(room / interval, Int64(rate.burst)))
    }

    /// Takes `count`, which must not exceed `available`.
    public mutating func take(_ count: Int, _ rate: Rate, at now: Timestamp) {
        precondition(count <= available(rate, at: now), "invariant 8: a rate bucket never goes below zero")
        theoreticalArrival = max(theoreticalArrival, now.microseconds * 1000) + Self.interval(rate) * Int64(count)
    }

    /// Gives back what was taken and not used.
    public mutating func giveBack(_ count: Int, _ rate: Rate) {
        theoreticalArrival -= Self.interval(rate) * Int64(count)
    }

    /// How long until `count` can start; `zero` where they can now.
    public func delay(until count: Int, _ rate: Rate, at now: Timestamp) -> Duration {
        let interval = Self.interval(rate)
        let nanoseconds = now.microseconds * 1000
        let room = nanoseconds + interval * Int64(rate.burst) - max(theoreticalArrival, nanoseconds)
        let missing = interval * Int64(min(count, rate.burst)) - room
        return missing <= 0 ? .zero : .microseconds((missing + 999) / 1000)
    }
}
