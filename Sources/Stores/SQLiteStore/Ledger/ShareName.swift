/// One tenant in one queue.
struct ShareName: Sendable, Hashable {
    var queue: Int64
    var tenant: String
}
