/// Everything that is kept of one job.
struct MemoryJob: Sendable {
    var record: JobRecord
    /// In the order they were recorded.
    var steps: [Step] = []
    /// When its lease ends, where it has one of its own; `nil` where it lives as long as its node's row.
    var leaseExpiry: Timestamp?
    /// The scope of its key, for a revive to take an `untilFinished` one again.
    var keyScope: IdempotencyKey.Scope?

    var id: JobID { record.id }

    /// Waits until the earlier jobs of its trigger are finished.
    var isInTurn: Bool {
        if case .turn = record.wait?.condition { record.phase == .waiting } else { false }
    }

    /// The tail of the key's scope that is a matter of the row, counted from the enqueue.
    func keyRow(_ scope: IdempotencyKey.Scope, at now: Timestamp) -> MemoryKey {
        switch scope {
        case .untilFinished: MemoryKey(job: id, expiresAt: nil, isUntilFinished: true)
        case .forever: MemoryKey(job: id, expiresAt: nil, isUntilFinished: false)
        case .window(let span): MemoryKey(job: id, expiresAt: now + span, isUntilFinished: false)
        }
    }
}
