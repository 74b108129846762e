/// Why `LeaseKeeper.withLease` gave up.
public enum LeaseError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Somebody else held it for as long as the caller was willing to wait.
    case busy(name: String, heldBy: String)
    /// It could not be extended in time, so somebody else may hold it by now. The body was cancelled.
    case lost(HeldLease)

    public var description: String {
        switch self {
        case .busy(let name, let holder): "the lease '\(name)' is held by \(holder): try again later, or wait longer"
        case .lost(let lease):
            "the lease '\(lease.name)' with epoch \(lease.epoch) could not be extended in time: check what was written under it by its epoch"
        }
    }
}
