/// The one row of a node that holds work, or has said that it lives.
struct MemoryNode: Sendable {
    var expiresAt: Timestamp
    var generation: Int
}
