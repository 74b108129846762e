import Database
import MartletCore

/// Reads a queue with its counts.
struct QueueColumns {
    private let row: PostgresRow

    init(_ row: PostgresRow) { self.row = row }

    static func query(_ schema: SQL, where condition: SQL) -> SQL {
        """
        SELECT q.name, q.concurrency, q.per_tenant, q.rate_count, q.rate_per, q.rate_burst, q.high_water, q.low_water, q.retention, q.paused, \
        c.ready, c.running, c.waiting, c.succeeded, c.failed, c.cancelled FROM \(schema)queues q LEFT JOIN ( \
        SELECT queue, sum(ready)::bigint AS ready, sum(running)::bigint AS running, sum(waiting)::bigint AS waiting, \
        sum(succeeded)::bigint AS succeeded, sum(failed)::bigint AS failed, sum(cancelled)::bigint AS cancelled \
        FROM \(schema)counts GROUP BY queue) c ON c.queue = q.name WHERE \(condition) ORDER BY q.name
        """
    }

    func state() throws -> QueueState {
        var policy = QueuePolicy()
        policy.concurrency = try row.optionalInt(1)
        policy.perTenant = try row.optionalInt(2)
        if let count = try row.optionalInt(3) { policy.rate = Rate(count: count, per: .microseconds(try row.int64(4)), burst: try row.int(5)) }
        policy.highWater = try row.optionalInt(6)
        policy.lowWater = try row.optionalInt(7)
        policy.retention = .microseconds(try row.int64(8))
        return QueueState(name: try row.text(0), policy: policy, isPaused: try row.bool(9), counts: try Self.counts(row, from: 10))
    }

    /// Six counts from `column` on, in the order of the schema.
    static func counts(_ row: PostgresRow, from column: Int) throws -> Counts {
        var counts = Counts()
        counts.ready = try row.optionalInt(column) ?? 0
        counts.running = try row.optionalInt(column + 1) ?? 0
        counts.waiting = try row.optionalInt(column + 2) ?? 0
        counts.succeeded = try row.optionalInt(column + 3) ?? 0
        counts.failed = try row.optionalInt(column + 4) ?? 0
        counts.cancelled = try row.optionalInt(column + 5) ?? 0
        return counts
    }
}
