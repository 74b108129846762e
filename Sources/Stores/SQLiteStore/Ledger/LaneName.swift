/// The jobs of one kind and one tenant in one queue.
struct LaneName: Sendable, Hashable {
    var queue: String
    var kind: String
    var tenant: String
}
