/// How long a failed attempt waits for the next one: exponential with full jitter, a random time between zero and the backoff (Marc Brooker,
/// "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). Of the ways compared there it keeps a crowd of retries the flattest.
public struct RetryPolicy: Sendable, Hashable {
    /// The longest wait after the first attempt.
    public var base: Duration
    /// What each further attempt multiplies it by; 1 is a constant backoff.
    public var factor: Double
    /// The longest wait after any attempt, before what a `Retry-After` adds.
    public var max: Duration

    /// With 20 attempts the defaults give up after five to six hours on average.
    public init(base: Duration = .seconds(2), factor: Double = 2, max: Duration = .seconds(3600)) {
        self.base = base
        self.factor = factor
        self.max = max
    }

    /// The longest `Retry-After` that is believed: no server shall park a job for ten years.
    public static let patienceMax: Duration = .seconds(86_400)

    /// What is wrong with this policy by itself.
    public var fault: StoreError? {
        guard base > .zero else { return .invalid(field: "retry.base", reason: "must be longer than zero") }
        guard factor >= 1, factor <= 100 else { return .invalid(field: "retry.factor", reason: "must be from 1 to 100") }
        guard max >= base, max <= Limits.delay else { return .invalid(field: "retry.max", reason: "must be from retry.base to ten years") }
        return nil
    }

    /// The most that `delay` answers for a transient failure of this attempt (the first is 1).
    public func ceiling(attempt: Int) -> Duration {
        let limit = Double(max.microseconds)
        var span = Double(base.microseconds)
        var left = attempt - 1
        while left > 0, span < limit, factor > 1 {
            span *= factor
            left -= 1
        }
        return .microseconds(Int64(min(span, limit)))
    }

    /// How long to wait after `attempt` (the first is 1) failed; `nil` where another attempt is in vain.
    ///
    /// A `Retry-After` is a lower bound, to which the jitter is added: everybody who was told the same would come back at once.
    public func delay(attempt: Int, _ failure: FailureClass, _ environment: Environment) -> Duration? {
        let jitter = environment.duration(upTo: ceiling(attempt: attempt))
        switch failure {
        case .permanent: return nil
        case .transient, .rateLimited(after: nil): return jitter
        case .rateLimited(let after?), .postponed(let after): return min(Swift.max(after, .zero), Self.patienceMax) + jitter
        }
    }
}
