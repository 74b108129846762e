import GRDB
import Testing

/// Counts the rows of a store's file anew and holds them against what the store has kept.
struct Recount {
    let path: String

    private static let counts = """
        total(phase = 0), total(phase = 1), total(phase = 2), total(phase = 3 AND outcome = 0), total(phase = 3 AND outcome = 1),
        total(phase = 3 AND outcome = 2)
        """
    private static let kept = "ready, running, waiting, succeeded, failed, cancelled"
    private static let total = "ready + running + waiting + succeeded + failed + cancelled"

    func check() async throws {
        try await DatabaseQueue(path: path).read { db in
            try same(
                db,
                "SELECT id, \(Self.kept), suspects, next_due, next_due IS NOT NULL FROM lanes WHERE \(Self.total) > 0 ORDER BY id",
                """
                SELECT lane, \(Self.counts), total(phase = 0 AND deaths >= 2), min(iif(phase = 0, due, NULL)), max(phase = 0)
                FROM jobs GROUP BY lane ORDER BY lane
                """)
            try same(
                db, "SELECT id, \(Self.kept) FROM queues WHERE \(Self.total) > 0 ORDER BY id",
                "SELECT queue, \(Self.counts) FROM jobs GROUP BY queue ORDER BY queue")
            try same(
                db,
                "SELECT id, \(Self.kept), active, pending FROM kinds WHERE \(Self.total) > 0 ORDER BY id",
                """
                SELECT kind, sum(ready), sum(running), sum(waiting), sum(succeeded), sum(failed), sum(cancelled), sum(active),
                    sum(next_due IS NOT NULL)
                FROM lanes GROUP BY kind HAVING sum(ready + running + waiting + succeeded + failed + cancelled) > 0 ORDER BY kind
                """)
            try same(
                db, "SELECT queue, tenant, running FROM shares WHERE running > 0 ORDER BY 1, 2",
                """
                SELECT jobs.queue, tenant, count(*) FROM jobs JOIN lanes ON lanes.id = lane WHERE phase = 1 GROUP BY jobs.queue, tenant
                ORDER BY 1, 2
                """)
            try same(
                db, "SELECT lanes.id FROM lanes JOIN shares USING (queue, tenant) WHERE active = 1 AND lanes.turn <> shares.turn",
                "SELECT 1 WHERE 0")
            try same(db, "SELECT job FROM waits ORDER BY job", "SELECT id FROM jobs WHERE phase = 2 ORDER BY id")
            try same(
                db, "SELECT parent, name, unfinished, succeeded, failed, cancelled FROM groups ORDER BY 1, 2",
                """
                SELECT parent, parent_group, total(phase < 3), total(outcome IS 0), total(outcome IS 1), total(outcome IS 2) FROM jobs
                WHERE parent IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
                """)
            try same(
                db, "SELECT sort, name, job FROM marks ORDER BY 1, 2, 3",
                """
                SELECT 0, parent, id FROM jobs WHERE parent IS NOT NULL
                UNION ALL SELECT 1, trigger_name, id FROM jobs WHERE trigger_name IS NOT NULL
                UNION ALL SELECT 2, key_name, id FROM jobs WHERE key_name IS NOT NULL
                UNION ALL SELECT 3, trigger_name, id FROM jobs WHERE trigger_name IS NOT NULL AND phase < 3
                UNION ALL SELECT 4, node, id FROM jobs WHERE phase = 1 AND deaths >= 2
                UNION ALL SELECT 5, node, id FROM jobs WHERE phase = 1 AND cancel = 1 AND expires IS NULL ORDER BY 1, 2, 3
                """)
            try same(
                db, "SELECT sort, at, job FROM alarms ORDER BY 1, 2, 3",
                """
                SELECT 0, expires, id FROM jobs WHERE phase = 1 AND expires IS NOT NULL
                UNION ALL SELECT 1, due + queue_timeout, id FROM jobs WHERE phase = 0 AND queue_timeout IS NOT NULL
                UNION ALL SELECT 2, due, id FROM jobs WHERE phase = 2 AND due < 253402300799000000 ORDER BY 1, 2, 3
                """)
            try same(db, "SELECT job FROM bodies WHERE job NOT IN (SELECT id FROM jobs)", "SELECT 1 WHERE 0")
            #expect(try String.fetchOne(db, sql: "PRAGMA integrity_check") == "ok")
        }
    }

    private func same(_ db: Database, _ kept: String, _ counted: String) throws {
        let (a, b) = (try Row.fetchAll(db, sql: kept), try Row.fetchAll(db, sql: counted))
        #expect(a.map { Array($0.databaseValues) } == b.map { Array($0.databaseValues) }, "\(kept)")
    }
}
