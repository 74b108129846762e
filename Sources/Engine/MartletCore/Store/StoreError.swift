/// What a store can answer instead of doing it. Says what happened, to which job, and what to do; holds no payload and no secret.
public enum StoreError: Error, Sendable, Hashable {
    /// The lease is not the current one: somebody else has the job, or nobody. Stop working on it; the write did not happen.
    case leaseLost(Lease)
    /// No such job, trigger or named lease.
    case notFound(String)
    /// The key belongs to another job.
    case keyTaken(key: String, by: JobID)
    /// A job with this id exists already.
    case idTaken(JobID)
    /// The queue refuses work of this priority until it has drained below its low-water mark.
    case queueFull(queue: String, depth: Int, retryAfter: Duration)
    /// The job is in a phase from which this transition does not exist.
    case wrongPhase(JobID, Phase)
    /// A value that no store accepts.
    case invalid(field: String, reason: String)
    /// A value over its limit.
    case tooLarge(field: String, bytesMax: Int)
    /// The store could not be reached or could not write, now; nothing happened, or (`mayHaveHappened`) it is not known. Retry with backoff.
    case unavailable(reason: String, mayHaveHappened: Bool)
    /// The data is damaged, or of a version that this build does not know. Retrying does not help.
    case corrupt(reason: String)

    /// Whether the same call may succeed later without anybody changing anything.
    public var isTransient: Bool {
        switch self {
        case .unavailable, .queueFull: true
        default: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .leaseLost(let lease): "lease \(lease.epoch) of job \(lease.job) is no longer current: stop working on the job, another attempt owns it"
        case .notFound(let what): "\(what) does not exist"
        case .keyTaken(let key, let job): "the key '\(key)' belongs to job \(job): wait for it to finish, or choose another key"
        case .idTaken(let job): "a job with the id \(job) exists already"
        case .queueFull(let queue, let depth, let delay):
            "queue '\(queue)' holds \(depth) jobs and refuses work of this priority: try again in \(delay.inSeconds) s"
        case .wrongPhase(let job, let phase): "job \(job) is \(phase.rawValue), from where this cannot be done"
        case .invalid(let field, let reason): "\(field) \(reason)"
        case .tooLarge(let field, let bytes): "\(field) is larger than the \(bytes) bytes allowed"
        case .unavailable(let reason, let unknown):
            "the store is not available (\(reason)); " + (unknown ? "whether the write happened is not known" : "nothing was written")
        case .corrupt(let reason): "the store's data cannot be used: \(reason)"
        }
    }
}

extension StoreError {
    /// What is stored is in no form that this build writes.
    package static let unknownRow = StoreError.corrupt(
        reason: "a row holds a value that this build does not know: run a newer build, or restore a backup")
}
