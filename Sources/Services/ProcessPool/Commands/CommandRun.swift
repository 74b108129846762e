import MartletCore

/// One attempt at one job, as the program gets to know it.
public struct CommandRun: Sendable, Hashable {
    /// Written to the program's standard input, followed by a newline.
    public var payload: Payload
    public var job: JobID
    public var kind: String
    public var queue: String
    public var tenant: String
    /// Counted from 1.
    public var attempt: Int
    /// The number of the lease: it only grows, so it can fence what the program writes elsewhere.
    public var epoch: Int

    public init(payload: Payload, job: JobID, kind: String, queue: String, tenant: String, attempt: Int, epoch: Int) {
        self.payload = payload
        self.job = job
        self.kind = kind
        self.queue = queue
        self.tenant = tenant
        self.attempt = attempt
        self.epoch = epoch
    }

    /// The attempt that a claimed job is at.
    public init(_ job: JobRecord) {
        self.init(
            payload: job.payload, job: job.id, kind: job.kind, queue: job.queue, tenant: job.tenant, attempt: job.attempt, epoch: job.epoch)
    }

    /// The facts by the names that placeholders use; in the environment they are `MARTLET_…` in capitals, the id `MARTLET_JOB_ID`.
    var facts: [(name: String, value: String)] {
        [
            ("id", job.description), ("kind", kind), ("queue", queue), ("tenant", tenant), ("attempt", String(attempt)), ("epoch", String(epoch)),
        ]
    }
}
