/// Who asks for work, of what, and how much.
public struct ClaimPlan: Sendable, Hashable {
    public var node: NodeID
    /// The kinds this node can run; `nil` takes every kind (a worker that knows its queues only).
    public var kinds: [String]?
    /// The queues to take from, with a most for each; `nil` is every queue.
    public var queues: [String: Int]?
    public var limit: Int
    /// How long the claim lasts without a renewal.
    public var ttl: Duration
    /// `true`: the jobs live as long as the node's one row is renewed. `false`: each has a lease of its own, renewed one by one
    /// (workers in other languages, whose processes the engine knows nothing of).
    public var sharesLiveness: Bool

    public init(node: NodeID, kinds: [String]?, queues: [String: Int]? = nil, limit: Int, ttl: Duration = .seconds(10), sharesLiveness: Bool = true) {
        self.node = node
        self.kinds = kinds
        self.queues = queues
        self.limit = limit
        self.ttl = ttl
        self.sharesLiveness = sharesLiveness
    }
}

public struct Claimed: Sendable, Hashable {
    public var jobs: [ClaimedJob]
    /// How long until something this plan could take, or a sweep, may be due; `nil` where nothing is in sight. A hint.
    public var nextDue: Duration?
    /// Changes when the node was declared dead in between: whatever it holds from an earlier generation is lost.
    public var generation: Int

    public init(jobs: [ClaimedJob], nextDue: Duration?, generation: Int) {
        self.jobs = jobs
        self.nextDue = nextDue
        self.generation = generation
    }
}

public struct ClaimedJob: Sendable, Hashable {
    public var job: JobRecord
    public var steps: [Step]

    public init(job: JobRecord, steps: [Step]) {
        self.job = job
        self.steps = steps
    }

    public var lease: Lease { Lease(job: job.id, epoch: job.epoch) }
}
