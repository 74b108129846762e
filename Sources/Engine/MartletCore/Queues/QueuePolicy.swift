/// How a queue is served. A queue that nobody configured has this default.
public struct QueuePolicy: Sendable, Hashable {
    /// Jobs running at once, over all nodes; `nil` is no limit.
    public var concurrency: Int?
    /// Jobs running at once for one tenant, over all nodes.
    public var perTenant: Int?
    /// Jobs started in a span of time, over all nodes.
    public var rate: Rate?
    /// Ready jobs, delayed ones included, at which new work of standard priority is refused (see `Admission`); `nil` accepts everything.
    public var highWater: Int?
    /// Ready jobs below which a refusing queue accepts again. Defaults to three fifths of `highWater`.
    public var lowWater: Int?
    /// How long finished jobs are kept.
    public var retention: Duration = .seconds(7 * 86_400)

    public init() {}

    /// What is wrong with this policy by itself.
    public var fault: StoreError? {
        for (field, value) in [("concurrency", concurrency), ("per_tenant", perTenant), ("high_water", highWater)] {
            if let value, value < 1 { return .invalid(field: field, reason: "must be at least 1") }
        }
        if let lowWater {
            guard let highWater else { return .invalid(field: "low_water", reason: "needs a high_water") }
            guard lowWater >= 0, lowWater < highWater else { return .invalid(field: "low_water", reason: "must be from 0 to below high_water") }
        }
        guard retention >= .zero, retention <= Limits.delay else {
            return .invalid(field: "retention", reason: "must be from zero to ten years")
        }
        return rate?.fault
    }
}

/// What `Store.set` changes of a queue.
public enum QueueChange: Sendable, Hashable {
    case policy(QueuePolicy)
    case paused(Bool)
}
