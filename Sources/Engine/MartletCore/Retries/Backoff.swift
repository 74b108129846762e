/// The pace of an infrastructure loop whose work fails: a store that is away, a connection that breaks. The wait grows with each failure in
/// a row, is jittered, and is never shorter than `base`: no loop turns faster because it failed.
public struct Backoff: Sendable, Hashable {
    public let base: Duration
    public let max: Duration
    /// Failures since the last success.
    public private(set) var failures = 0

    /// - Parameters:
    ///   - base: the shortest wait, at least the pace of the loop when all is well.
    ///   - max: the longest.
    public init(base: Duration = .milliseconds(100), max: Duration = .seconds(10)) {
        precondition(base > .zero && max >= base, "a backoff waits longer than zero, and at most its maximum")
        self.base = base
        self.max = max
    }

    /// Counts one more failure and says how long to wait: from `base` to `base` doubled with each failure in a row, at most `max`.
    public mutating func failed(_ environment: Environment) -> Duration {
        failures += 1
        let ceiling = RetryPolicy(base: base, factor: 2, max: max).ceiling(attempt: failures + 1)
        return base + environment.duration(upTo: ceiling - base)
    }

    public mutating func succeeded() {
        failures = 0
    }
}
