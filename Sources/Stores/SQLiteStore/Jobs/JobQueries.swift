import Database

/// The statements on `jobs` that are executed for every job.
enum JobQueries {
    /// What `JobRow.init(_:)` reads, in its order.
    static let rowColumns = """
        id, lane, queue, class, phase, outcome, due, attempt, epoch, settled, deaths, max_attempts, cancel, node, expires, created, started, \
        finished, timeout, queue_timeout, key_name, key_scope, parent, parent_group, trigger_name, error_kind, error_message
        """
    /// What `JobRecord` needs besides, from column `detailsStart` on.
    static let detailColumns = "labels, progress, progress_message, payload, result"
    static let detailsStart: Int32 = 27

    static let row = Query("SELECT \(rowColumns) FROM jobs WHERE id = ?")
    static let whole = Query("SELECT \(rowColumns), \(detailColumns) FROM jobs WHERE id = ?")

    static let insert = Query(
        """
        INSERT INTO jobs (id, lane, queue, class, phase, due, attempt, epoch, settled, deaths, max_attempts, cancel, created, timeout,
            queue_timeout, key_name, key_scope, parent, parent_group, trigger_name, labels, payload)
        VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO NOTHING
        """)

    static let save = Query(
        """
        UPDATE jobs SET lane = ?, class = ?, phase = ?, outcome = ?, due = ?, attempt = ?, epoch = ?, settled = ?, deaths = ?,
            max_attempts = ?, cancel = ?, node = ?, expires = ?, started = ?, finished = ?, timeout = ?, queue_timeout = ?,
            error_kind = ?, error_message = ?
        WHERE id = ?
        """)

    /// `ready` → `running`.
    static let start = Query(
        "UPDATE jobs SET phase = 1, attempt = ?, epoch = ?, cancel = 0, node = ?, expires = ?, started = ? WHERE id = ?")

    /// `running` → `finished` with success.
    static let succeed = Query(
        """
        UPDATE jobs SET phase = 3, outcome = 0, finished = ?, settled = ?, expires = NULL, result = ?, error_kind = NULL,
            error_message = NULL
        WHERE id = ?
        """)

    static let setResult = Query("UPDATE jobs SET result = ? WHERE id = ?")
    static let setProgress = Query("UPDATE jobs SET progress = ?, progress_message = ? WHERE id = ?")
    static let setContent = Query("UPDATE jobs SET labels = ?, payload = ? WHERE id = ?")
    static let delete = Query("DELETE FROM jobs WHERE id = ?")

    static let body = Query("SELECT data FROM bodies WHERE job = ? AND part = ?")
    static let setBody = Query("INSERT OR REPLACE INTO bodies (job, part, data) VALUES (?, ?, ?)")
    static let deleteBodies = Query("DELETE FROM bodies WHERE job = ?")

    static let steps = Query("SELECT name, state, at, result FROM steps WHERE job = ? ORDER BY position")
    static let wait = Query("SELECT condition, name, type, after, step, deadline FROM waits WHERE job = ?")

    /// The earliest due time in lane `?1`: one descent for each class.
    static func firstDue(where condition: String) -> String {
        let ofClass = (0..<8).map { rank in
            """
            SELECT (SELECT due FROM jobs INDEXED BY jobs_ready WHERE phase = 0 AND lane = ?1 AND class = \(rank) \(condition)
                ORDER BY due LIMIT 1) AS due
            """
        }
        return "SELECT min(due) FROM (\(ofClass.joined(separator: " UNION ALL ")))"
    }
}
