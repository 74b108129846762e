/// A named lease. Its row is never removed, so that its epochs only grow.
struct MemoryNamedLease: Sendable {
    var epoch: Int
    var owner: String
    var expiresAt: Timestamp

    func isHeld(at now: Timestamp) -> Bool { expiresAt > now }
}
