/// What became of one job of an enqueue.
public enum Enqueued: Sendable, Hashable {
    case accepted(JobRecord)
    /// The key, or the id, belonged to this job already; `replaced` where it took over the new job's content.
    case duplicate(JobRecord, replaced: Bool)
    case refused(StoreError)

    /// The job that now stands for the one that was asked for.
    public var job: JobRecord? {
        switch self {
        case .accepted(let job), .duplicate(let job, _): job
        case .refused: nil
        }
    }
}
