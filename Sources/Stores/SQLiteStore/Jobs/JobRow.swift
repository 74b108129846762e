import MartletCore

/// The part of a job's row that transitions look at and change: everything but labels, progress, payload and result.
struct JobRow: Sendable {
    /// A payload or result up to this many bytes is in the row itself.
    static let inlineMax = 512

    var id: JobID
    var lane: Int64
    var queue: Int64
    var priority: Priority
    var phase: Phase
    var outcome: Outcome?
    var dueAt: Timestamp
    var attempt: Int
    var epoch: Int
    var settledEpoch: Int
    var deaths: Int
    var maxAttempts: Int
    var isCancelRequested: Bool
    var node: NodeID?
    /// The end of a lease of its own; `nil` where the job lives as long as its node's row.
    var expiresAt: Timestamp?
    var createdAt: Timestamp
    var startedAt: Timestamp?
    var finishedAt: Timestamp?
    var timeout: Duration?
    var queueTimeout: Duration?
    var key: String?
    var keyScope: KeyScope?
    var parent: NewJob.Parent?
    var trigger: String?
    var error: Failure?

    var isSuspect: Bool { deaths >= Quarantine.suspectDeaths }
    /// The order inside a lane: suspects apart, since they are mostly passed over.
    var rankClass: Int { priority.level + (isSuspect ? 4 : 0) }
    var standing: Standing { Standing(phase: phase, outcome: outcome, dueAt: dueAt, isSuspect: isSuspect) }

    /// Whether a lease is the current one (invariant 2).
    func isHeld(by lease: Lease, at now: Timestamp) -> Bool {
        phase == .running && epoch == lease.epoch && expiresAt.map { $0 > now } ?? true
    }
}
