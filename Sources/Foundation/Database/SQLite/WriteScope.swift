/// What the operations of one transaction of the writer work with: its connection, and what is worth remembering between transactions.
/// Lives for one transaction, on the writer's thread.
public protocol WriteScope: AnyObject, SendableMetatype {
    /// Survives from one transaction to the next, as long as nobody else has written meanwhile.
    associatedtype Memory: Sendable

    /// Called after each operation that has not thrown: writes whatever it left unwritten.
    func finish() throws
    /// Whether an operation has left something unwritten.
    var isUnwritten: Bool { get }
    /// The operation's writes were undone, and so must be everything remembered since the last transaction began.
    func forget() throws
    /// The transaction is durable.
    func committed() -> Memory
}
