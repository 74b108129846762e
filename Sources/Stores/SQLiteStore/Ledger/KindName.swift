/// One kind in one queue.
struct KindName: Sendable, Hashable {
    var queue: Int64
    var name: String
}
