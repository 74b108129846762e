/// A job that somebody wants done, before a store has accepted it.
public struct NewJob: Sendable, Hashable {
    /// When the job is due, in the store's time.
    public enum Due: Sendable, Hashable {
        case after(Duration)
        case at(Timestamp)
        public static let now = Due.after(.zero)
    }

    /// The job that waits for this one, and the name of the group it waits for.
    public struct Parent: Sendable, Hashable {
        public var job: JobID
        public var group: String

        public init(job: JobID, group: String) {
            self.job = job
            self.group = group
        }
    }

    public var id: JobID
    public var kind: String
    public var payload: Payload
    public var queue = "default"
    public var tenant = ""
    public var priority = Priority.standard
    public var due = Due.now
    public var key: IdempotencyKey?
    /// How long one attempt may run.
    public var timeout: Duration?
    /// How long the job may stay unstarted after it became due; then it fails with kind `queue-timeout`.
    public var queueTimeout: Duration?
    /// 1…1000. Snoozes, waits and shutdowns give the attempt back. A node's death does not, yet only quarantine ends a job for dying.
    public var maxAttempts = 20
    public var labels: [String: String] = [:]
    public var parent: Parent?
    /// The trigger that made this job.
    public var trigger: String?
    /// What has become of the job in the store that it comes from; see `JobHistory`. Counts in `Store.enqueue` alone.
    public var history: JobHistory?

    public init(id: JobID, kind: String, payload: Payload) {
        self.id = id
        self.kind = kind
        self.payload = payload
    }
}
