/// One compare-and-set of a time trigger: from `slot` to `next`, with the jobs of the slots in between.
public struct FirePlan: Sendable, Hashable {
    public var trigger: String
    public var revision: Int
    /// The next slot that the planner saw; `nil` where it saw none (a new trigger gets its first slot this way, with no job).
    public var slot: Timestamp?
    /// What it becomes; `nil` where the schedule never comes again.
    public var next: Timestamp?
    /// The slots to make jobs for, oldest first, each not before `slot` and not after the store's now. At most 1000.
    public var firing: [Firing]

    public struct Firing: Sendable, Hashable {
        public var slot: Timestamp
        public var job: NewJob

        public init(slot: Timestamp, job: NewJob) {
            self.slot = slot
            self.job = job
        }
    }

    public init(trigger: String, revision: Int, slot: Timestamp?, next: Timestamp?, firing: [Firing]) {
        self.trigger = trigger
        self.revision = revision
        self.slot = slot
        self.next = next
        self.firing = firing
    }
}

public enum FireResult: Sendable, Hashable {
    /// One answer for each firing: `nil` where the overlap policy dropped it.
    case fired([Enqueued?])
    /// Somebody else fired it, or changed it: read it again.
    case stale
    /// A slot has not come yet in the store's time.
    case early(by: Duration)
}
