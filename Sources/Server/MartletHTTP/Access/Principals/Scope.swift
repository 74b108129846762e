/// What a key or a token may be allowed to do. Reading and writing are granted apart: who only enqueues need not see anybody's jobs.
public enum Scope: String, Sendable, Hashable, CaseIterable {
    /// See jobs, their steps and their streams.
    case jobsRead = "jobs:read"
    /// Enqueue, cancel, revive and signal jobs.
    case jobsWrite = "jobs:write"
    case queuesRead = "queues:read"
    /// Change policies, pause and resume.
    case queuesWrite = "queues:write"
    case triggersRead = "triggers:read"
    case triggersWrite = "triggers:write"
    /// Read streams that belong to no job.
    case eventsRead = "events:read"
    /// Append to streams that belong to no job.
    case eventsWrite = "events:write"
    /// Claim jobs and settle them.
    case work
    case metricsRead = "metrics:read"
    /// The overview of the server, its logs, and everything above.
    case admin

    var bit: UInt16 {
        switch self {
        case .jobsRead: 1 << 0
        case .jobsWrite: 1 << 1
        case .queuesRead: 1 << 2
        case .queuesWrite: 1 << 3
        case .triggersRead: 1 << 4
        case .triggersWrite: 1 << 5
        case .eventsRead: 1 << 6
        case .eventsWrite: 1 << 7
        case .work: 1 << 8
        case .metricsRead: 1 << 9
        case .admin: 1 << 10
        }
    }
}
