/// A taken key: which job took it, and until when it stays taken.
struct MemoryKey: Sendable, Hashable {
    /// Key names live inside their tenant.
    struct Name: Sendable, Hashable {
        var tenant: String
        var name: String
    }

    var job: JobID
    /// Set for a window alone.
    var expiresAt: Timestamp?
    /// Removed when its job finishes.
    var isUntilFinished: Bool

    func isTaken(at now: Timestamp) -> Bool {
        expiresAt.map { $0 > now } ?? true
    }
}
