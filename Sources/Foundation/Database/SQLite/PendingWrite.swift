/// An operation that waits for the writer.
struct PendingWrite<Scope: WriteScope>: Sendable {
    /// How an operation went, and how its caller learns of it once the transaction has ended.
    struct Completion: Sendable {
        var failed: Bool
        var resume: @Sendable (DatabaseFailure?) -> Void
    }

    var perform: @Sendable (Scope) -> Completion
    /// It was never performed.
    var refuse: @Sendable (DatabaseFailure) -> Void
}
