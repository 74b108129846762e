/// A name that at most one job may have at a time, within its tenant.
public struct IdempotencyKey: Sendable, Hashable {
    /// How long the name stays taken.
    public enum Scope: Sendable, Hashable {
        /// Until the job that has it is finished.
        case untilFinished
        /// As long as the job is kept, retention included; the row of such a key outlives its job.
        case forever
        /// For this long from the enqueue that took it, finished or not.
        case window(Duration)
    }

    /// What happens to a second job that asks for a taken name.
    public enum Conflict: String, Sendable, Hashable {
        /// The first job is returned and marked a duplicate.
        case returnExisting = "return_existing"
        /// The enqueue of this job is refused with `StoreError.keyTaken`.
        case reject
        /// The payload, priority, due time, labels and limits of the new job replace those of the first while that is still `ready`;
        /// otherwise as `returnExisting`.
        case replace
    }

    public var name: String
    public var scope: Scope
    public var conflict: Conflict

    public init(_ name: String, scope: Scope = .untilFinished, conflict: Conflict = .returnExisting) {
        self.name = name
        self.scope = scope
        self.conflict = conflict
    }
}
