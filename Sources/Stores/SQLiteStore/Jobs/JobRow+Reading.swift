import Database
import MartletCore

extension JobRow {
    /// Reads `JobQueries.rowColumns`.
    init(_ row: Prepared) throws {
        guard let priority = Priority(row.int(3) & 3) else { throw DatabaseFailure.unknownCode }
        self.init(
            id: try row.id(0), lane: row.int64(1), queue: row.int64(2), priority: priority, phase: try Phase(code: row.int(4)),
            outcome: row.isNull(5) ? nil : try Outcome(code: row.int(5)), dueAt: row.time(6), attempt: row.int(7), epoch: row.int(8),
            settledEpoch: row.int(9), deaths: row.int(10), maxAttempts: row.int(11), isCancelRequested: row.bool(12),
            node: row.optionalText(13).map(NodeID.init), expiresAt: row.optionalTime(14), createdAt: row.time(15),
            startedAt: row.optionalTime(16), finishedAt: row.optionalTime(17), timeout: row.optionalSpan(18),
            queueTimeout: row.optionalSpan(19), key: row.optionalText(20), keyScope: row.optionalInt(21).flatMap(KeyScope.init(rawValue:)),
            parent: row.isNull(22) ? nil : NewJob.Parent(job: try row.id(22), group: row.text(23)), trigger: row.optionalText(24),
            error: row.optionalText(25).map { Failure(kind: $0, message: row.text(26)) })
    }
}
