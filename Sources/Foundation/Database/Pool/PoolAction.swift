/// What the rules of a pool ask its shell to do.
enum PoolAction: Sendable, Hashable {
    case lease(connection: Int, to: Int)
    case open(connection: Int)
    case check(connection: Int)
    case close(connection: Int)
    /// Whoever uses it is to stop.
    case interrupt(connection: Int)
    case refuse(waiter: Int, DatabaseFailure)
}
