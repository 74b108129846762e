/// A fixed set of filters; all that are set must match.
public struct JobQuery: Sendable, Hashable {
    public var phase: Phase?
    public var outcome: Outcome?
    public var kind: String?
    public var queue: String?
    public var tenant: String?
    public var key: String?
    public var trigger: String?
    public var parent: JobID?
    /// Every one of these labels with this value.
    public var labels: [String: String] = [:]
    /// 1…100
    public var limit = Limits.pageDefault
    /// Only jobs with a smaller id.
    public var before: JobID?

    public init() {}
}

public struct JobPage: Sendable, Hashable {
    public var jobs: [JobRecord]
    /// Where the next page begins; `nil` at the end. A page may be short, even empty, and still have a next one: a store looks through a
    /// bounded number of rows for one page.
    public var next: JobID?

    public init(jobs: [JobRecord], next: JobID?) {
        self.jobs = jobs
        self.next = next
    }
}

public struct JobDetail: Sendable, Hashable {
    public var job: JobRecord
    /// In the order they were recorded.
    public var steps: [Step]

    public init(job: JobRecord, steps: [Step]) {
        self.job = job
        self.steps = steps
    }
}
