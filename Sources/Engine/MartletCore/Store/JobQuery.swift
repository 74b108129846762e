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
    /// Whether the page is to hold steps and the like as well (`JobPage.details`).
    public var isDetailed = false

    public init() {}
}

public struct JobPage: Sendable, Hashable {
    public var jobs: [JobRecord]
    /// Where the next page begins; `nil` at the end. A page may be short, even empty, and still have a next one: a store looks through a
    /// bounded number of rows for one page.
    public var next: JobID?
    /// The same jobs where the query asked for them in detail, without any that has gone meanwhile; each may be of a moment later.
    public var details: [JobDetail]

    public init(jobs: [JobRecord], next: JobID?, details: [JobDetail] = []) {
        self.jobs = jobs
        self.next = next
        self.details = details
    }
}

public struct JobDetail: Sendable, Hashable {
    public var job: JobRecord
    /// In the order they were recorded.
    public var steps: [Step]
    /// How long the job has its key, where it asked for one; a window is counted from `createdAt`, and is of no length once it has ended.
    public var keyScope: IdempotencyKey.Scope?
    /// The last sequence number of the stream `job/<id>`.
    public var lastEvent: Int

    public init(job: JobRecord, steps: [Step], keyScope: IdempotencyKey.Scope? = nil, lastEvent: Int = 0) {
        self.job = job
        self.steps = steps
        self.keyScope = keyScope
        self.lastEvent = lastEvent
    }
}
