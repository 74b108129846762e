import MartletCore

/// A taken idempotency key.
struct KeyRow {
    var job: JobID
    /// Set for a window alone.
    var expiresAt: Timestamp?

    func isTaken(at now: Timestamp) -> Bool { expiresAt.map { $0 > now } ?? true }
}
