/// What a tenant has had of a queue.
struct ShareEntry: Sendable {
    /// See `FairShare.Contender.turn`.
    var turn = 0
    var running = 0
}
