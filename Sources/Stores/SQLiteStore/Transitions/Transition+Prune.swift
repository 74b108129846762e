import Database
import MartletCore

extension Transition {
    private static let expiredJobs = Query(
        """
        SELECT \(JobQueries.rowColumns) FROM jobs INDEXED BY jobs_by_finish WHERE phase = 3 AND queue = ? AND finished <= ?
        ORDER BY finished, id LIMIT ?
        """)
    private static let removeSteps = Query("DELETE FROM steps WHERE job = ?")
    private static let removeEvents = Query("DELETE FROM events WHERE stream = ?")
    private static let removeStream = Query("DELETE FROM streams WHERE id = ?")
    private static let removeLane = Query("DELETE FROM lanes WHERE id = ?")
    private static let oldStreams = Query(
        """
        SELECT id, name FROM streams INDEXED BY streams_by_age
        WHERE oldest IS NOT NULL AND job IS NULL AND name <> 'audit' AND oldest <= ? ORDER BY name
        """)
    private static let firstEvents = Query("SELECT sequence, at FROM events WHERE stream = ? ORDER BY sequence LIMIT ?")
    private static let removeOldEvents = Query("DELETE FROM events WHERE stream = ? AND sequence <= ?")
    private static let moveStart = Query(
        """
        UPDATE streams SET first = ?2 + 1, oldest = (SELECT at FROM events WHERE stream = ?1 AND sequence > ?2 ORDER BY sequence LIMIT 1)
        WHERE id = ?1
        """)
    private static let removeKeys = Query("DELETE FROM keys WHERE expires IS NOT NULL AND expires <= ?")
    private static let removeBuckets = Query("DELETE FROM buckets WHERE arrival <= ?")

    /// Removes finished jobs past their retention: the oldest of each queue, queues by name.
    func pruneJobs(limit: Int) throws -> (removed: Int, hasMore: Bool) {
        var found: [JobRow] = []
        for queue in ledger.queues.values.sorted(by: { $0.name < $1.name }) where found.count <= limit && queue.counts.finished > 0 {
            let statement = try connection.prepare(Self.expiredJobs).bind(queue.id).bind(now - queue.policy.retention)
            found += try statement.bind(limit + 1 - found.count).map(JobRow.init)
        }
        for row in found.prefix(limit) { try remove(row) }
        try flush()
        for id in Set(found.prefix(limit).map(\.lane)) {
            guard let lane = ledger.lanes[id], lane.counts.total == 0 else { continue }
            try connection.prepare(Self.removeLane).bind(id).run()
            ledger.remove(lane)
        }
        return (min(found.count, limit), found.count > limit)
    }

    /// Forgets a job, but not its stream.
    func discard(_ row: JobRow) throws {
        _ = try lane(row.lane)
        ledger.count(row.standing, in: row.lane, of: row.queue, by: -1)
        try mark(nil, was: row)
        if row.phase == .waiting { try removeWait(of: row.id) }
        try connection.prepare(JobQueries.delete).bind(row.id).run()
        try connection.prepare(JobQueries.deleteBodies).bind(row.id).run()
        try connection.prepare(Self.removeSteps).bind(row.id).run()
    }

    private func remove(_ row: JobRow) throws {
        precondition(row.phase == .finished, "invariant 10: an accepted job is kept until it is finished")
        try discard(row)
        let name = StreamName.job(row.id)
        guard let stream = try stream(named: name) else { return }
        try connection.prepare(Self.removeEvents).bind(stream.id).run()
        try connection.prepare(Self.removeStream).bind(stream.id).run()
        ledger.streams.remove(name)
    }

    /// Removes old events of streams that belong to no job, streams by name.
    func pruneEvents(limit: Int, retention: Duration) throws -> (removed: Int, hasMore: Bool) {
        try flush()
        let cutoff = now - retention
        var (removed, hasMore) = (0, false)
        for (id, name) in try connection.prepare(Self.oldStreams).bind(cutoff).map({ ($0.int64(0), $0.text(1)) }) {
            // The stream may have begun before its job.
            if let job = StreamName.job(in: name), try current(job) != nil { continue }
            let room = limit - removed
            let first = try connection.prepare(Self.firstEvents).bind(id).bind(room + 1).map { ($0.int(0), $0.time(1)) }
            let old = first.prefix { $0.1 <= cutoff }.map(\.0)
            hasMore = hasMore || old.count > room
            guard let last = old.prefix(room).last else { continue }
            try connection.prepare(Self.removeOldEvents).bind(id).bind(last).run()
            try connection.prepare(Self.moveStart).bind(id).bind(last).run()
            removed += min(old.count, room)
            if removed == limit, hasMore { break }
        }
        return (removed, hasMore)
    }

    func pruneKeysAndBuckets() throws {
        try connection.prepare(Self.removeKeys).bind(now).run()
        try connection.prepare(Self.removeBuckets).bind(now.microseconds * 1000).run()
    }
}
