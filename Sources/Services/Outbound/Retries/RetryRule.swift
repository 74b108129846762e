import MartletCore
import NIOHTTP1

/// Whether and when a call is made again: only where that is safe, only as often as planned, and never past its deadline.
struct RetryRule: Sendable {
    enum Ending: Sendable, Hashable {
        case status(Int, retryAfter: Duration?)
        /// No answer; where `mayHaveArrived` is false the request was not sent.
        case broken(mayHaveArrived: Bool)
    }

    let plan: RetryPlan
    /// Repeating has the same effect as sending once: by the method (RFC 9110, section 9.2.2), or by an idempotency key.
    let isRepeatable: Bool
    /// Whether the body can be sent again.
    let isReplayable: Bool
    /// A longer `Retry-After` is not waited out in place: it is the caller's to come back.
    let patience: Duration

    static func isIdempotent(_ method: HTTPMethod) -> Bool {
        switch method {
        case .GET, .HEAD, .PUT, .DELETE, .OPTIONS, .TRACE: true
        default: false
        }
    }

    /// How long to wait; `nil` for not again.
    /// - Parameters:
    ///   - attempt: how many have been made: 1 and up.
    ///   - left: until the call's total deadline.
    func wait(after ending: Ending, attempt: Int, left: Duration, _ environment: Environment) -> Duration? {
        guard attempt < plan.attempts, isReplayable else { return nil }
        var asked: Duration?
        switch ending {
        case .status(let status, let retryAfter):
            guard isRepeatable, plan.statuses.contains(status) else { return nil }
            if let retryAfter, retryAfter > patience { return nil }
            asked = retryAfter
        case .broken(let mayHaveArrived):
            guard isRepeatable || !mayHaveArrived else { return nil }
        }
        let failure = asked.map { FailureClass.rateLimited(after: $0) } ?? .transient
        guard let wait = plan.backoff.delay(attempt: attempt, failure, environment), wait < left else { return nil }
        return wait
    }
}
