/// Where a job stands. A delayed job, a retry and a durable sleep are all `ready` with a later `dueAt`.
public enum Phase: String, Sendable, Hashable, CaseIterable {
    /// Can become `running` (claim), `finished` (cancel, or its queue timeout passed).
    case ready
    /// Can become `ready` (retry, snooze, lease expired), `waiting`, `finished`.
    case running
    /// Can become `ready` (event or deadline), `finished` (cancel).
    case waiting
    /// Can become `ready`, through `revive` alone (invariant 3).
    case finished
}

/// How a finished job ended.
public enum Outcome: String, Sendable, Hashable, CaseIterable {
    case succeeded, failed, cancelled
}
