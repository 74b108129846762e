/// An open transaction of the caller's own, through which jobs can be enqueued: they exist if and only if it commits.
/// SQL stores hand these out; see `Engine.enqueue(_:_:in:)`.
public protocol JobTransaction {
    func enqueue(_ jobs: [NewJob]) throws(StoreError) -> [Enqueued]
}
