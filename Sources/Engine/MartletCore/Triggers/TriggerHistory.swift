/// Where a trigger stood in the store that it comes from.
public struct TriggerHistory: Sendable, Hashable {
    public var revision: Int
    public var nextSlot: Timestamp?
    public var lastSlot: Timestamp?
    public var createdAt: Timestamp

    public init(revision: Int, nextSlot: Timestamp?, lastSlot: Timestamp?, createdAt: Timestamp) {
        self.revision = revision
        self.nextSlot = nextSlot
        self.lastSlot = lastSlot
        self.createdAt = createdAt
    }

    public init(_ state: TriggerState) {
        self.init(revision: state.revision, nextSlot: state.nextSlot, lastSlot: state.lastSlot, createdAt: state.createdAt)
    }
}

extension TriggerState {
    /// What stands after a `put`.
    package init(putting trigger: Trigger, named name: String, over old: TriggerState?, at now: Timestamp) {
        self.init(
            name: name, trigger: trigger, revision: (old?.revision ?? 0) + 1, nextSlot: nil, lastSlot: old?.lastSlot, createdAt: old?.createdAt ?? now
        )
        self.trigger.history = nil
        if let history = trigger.history {
            // A revision never goes back, so that no fire planned against an older one is taken for a new one.
            revision = max(revision, history.revision)
            (nextSlot, lastSlot, createdAt) = (history.nextSlot, history.lastSlot, history.createdAt)
        } else if let old, old.trigger.schedule == trigger.schedule {
            nextSlot = old.nextSlot
        }
    }
}
