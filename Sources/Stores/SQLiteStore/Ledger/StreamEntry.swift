/// The end of a stream.
struct StreamEntry: Sendable {
    var id: Int64
    var last: Int
}
