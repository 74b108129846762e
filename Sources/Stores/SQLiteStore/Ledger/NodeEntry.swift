import MartletCore

/// The one row of a node that holds work, or has said that it lives.
struct NodeEntry: Sendable {
    var expiresAt: Timestamp
    var generation: Int
}
