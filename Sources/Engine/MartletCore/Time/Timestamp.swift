/// An instant in UTC, in whole microseconds since 1970-01-01T00:00:00Z.
///
/// Microseconds, because that is what PostgreSQL's `timestamptz` holds, so that no store rounds what another one kept.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z; negative before it.
    public let microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public init(seconds: Int64) {
        self.microseconds = seconds * 1_000_000
    }

    /// The earliest instant a job can be due at, used where "at once" is meant.
    public static let epoch = Timestamp(microseconds: 0)

    /// 9999-12-31T23:59:59Z: the last instant that RFC 3339 can spell.
    public static let distantFuture = Timestamp(seconds: 253_402_300_799)

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

    /// Saturates at `distantFuture`, so that a very long delay is never an overflow.
    public static func + (a: Timestamp, b: Duration) -> Timestamp {
        let (sum, overflow) = a.microseconds.addingReportingOverflow(b.microseconds)
        return overflow || sum > distantFuture.microseconds ? distantFuture : Timestamp(microseconds: sum)
    }

    public static func - (a: Timestamp, b: Duration) -> Timestamp {
        Timestamp(microseconds: a.microseconds.subtractingReportingOverflow(b.microseconds).partialValue)
    }

    public static func - (a: Timestamp, b: Timestamp) -> Duration {
        .microseconds(a.microseconds - b.microseconds)
    }
}

extension Duration {
    /// The whole microseconds of this duration, saturating at the ends of `Int64`.
    public var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (high, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, alsoOverflow) = high.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return alsoOverflow ? (seconds < 0 ? .min : .max) : sum
    }

    /// This duration as seconds, for metrics and for JSON.
    public var inSeconds: Double { Double(microseconds) / 1_000_000 }
}
