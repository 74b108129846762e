import MartletCore

/// When a call is made again inside one `OutboundClient` call. Further attempts are the job's business.
public struct RetryPlan: Sendable, Hashable {
    /// All attempts, the first included; 1 is no retry.
    public var attempts: Int
    /// The wait after an attempt: full jitter under an exponential ceiling.
    public var backoff: RetryPolicy
    /// Answers that may be different next time.
    public var statuses: Set<Int>
    /// Retries that are always paid for, and the most that are saved up; each first attempt saves up a tenth of one more.
    public var budget: Int

    public init(
        attempts: Int = 5, backoff: RetryPolicy = RetryPolicy(base: .milliseconds(500), factor: 2, max: .seconds(30)),
        statuses: Set<Int> = [429, 500, 502, 503, 504], budget: Int = 20
    ) {
        self.attempts = attempts
        self.backoff = backoff
        self.statuses = statuses
        self.budget = budget
    }

    public static let none = RetryPlan(attempts: 1)

    var fault: String? {
        guard (1...20).contains(attempts) else { return "attempts must be from 1 to 20" }
        guard (0...10_000).contains(budget) else { return "the retry budget must be from 0 to 10000" }
        return backoff.fault.map { "\($0)" }
    }
}
