import Glibc
import GRDBSQLite

/// One table with a job's columns and one partial index, in a fresh file that goes with this value.
final class JobTable {
    private let path: String
    private let connection: OpaquePointer
    private let insertion: OpaquePointer
    private let claiming: OpaquePointer
    private let deletion: OpaquePointer
    private var next: Int64 = 0
    private static let payload =
        "{\"to\":\"someone@example.org\",\"template\":\"welcome\",\"locale\":\"en\",\"attempt\":1,\"note\":\"about 100 bytes\"}"

    init(folder: String) {
        path = "\(folder)/store-limit-\(getpid()).db"
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        connection = Self.open(path)
        for statement in [
            "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA temp_store=MEMORY",
            """
            CREATE TABLE jobs (id INTEGER PRIMARY KEY, queue TEXT, kind TEXT, payload TEXT, state INTEGER, priority INTEGER,
            run_at INTEGER, attempts INTEGER, lease_until INTEGER, worker TEXT, finished_at INTEGER)
            """,
            "CREATE INDEX ready ON jobs (queue, priority, run_at, id) WHERE state = 0",
        ] { Self.execute(statement, connection) }
        insertion = Self.prepare("INSERT INTO jobs VALUES (?, 'default', 'no-op', ?, 0, 2, ?, 0, NULL, NULL, NULL)", connection)
        claiming = Self.prepare(
            """
            UPDATE jobs SET state = 1, attempts = attempts + 1, lease_until = ?, worker = 'w' WHERE id IN
            (SELECT id FROM jobs WHERE state = 0 AND queue = 'default' ORDER BY priority, run_at, id LIMIT ?) RETURNING id, payload
            """, connection)
        deletion = Self.prepare("DELETE FROM jobs WHERE id = ?", connection)
    }

    deinit {
        for statement in [insertion, claiming, deletion] { sqlite3_finalize(statement) }
        sqlite3_close(connection)
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    }

    private var claimed: [Int64] = []

    func execute(_ sql: String) { Self.execute(sql, connection) }

    func insert(_ count: Int) {
        for _ in 0..<count {
            next += 1
            sqlite3_bind_int64(insertion, 1, next)
            Self.payload.withCString { text in
                sqlite3_bind_text(insertion, 2, text, Int32(Self.payload.utf8.count), nil)
                sqlite3_bind_int64(insertion, 3, next)
                Self.require(sqlite3_step(insertion) == SQLITE_DONE, connection)
            }
            sqlite3_reset(insertion)
        }
    }

    func claim(_ count: Int) {
        claimed.removeAll(keepingCapacity: true)
        sqlite3_bind_int64(claiming, 1, next)
        sqlite3_bind_int64(claiming, 2, Int64(count))
        while sqlite3_step(claiming) == SQLITE_ROW { claimed.append(sqlite3_column_int64(claiming, 0)) }
        sqlite3_reset(claiming)
        Self.require(claimed.count == count, connection)
    }

    func deleteClaimed() {
        for id in claimed {
            sqlite3_bind_int64(deletion, 1, id)
            Self.require(sqlite3_step(deletion) == SQLITE_DONE, connection)
            sqlite3_reset(deletion)
        }
    }

    private static func open(_ path: String) -> OpaquePointer {
        var connection: OpaquePointer?
        guard sqlite3_open(path, &connection) == SQLITE_OK, let connection else { fail("cannot open \(path)") }
        return connection
    }

    private static func prepare(_ sql: String, _ connection: OpaquePointer) -> OpaquePointer {
        var statement: OpaquePointer?
        require(sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK, connection)
        guard let statement else { fail("no statement in \(sql)") }
        return statement
    }

    private static func execute(_ sql: String, _ connection: OpaquePointer) {
        require(sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK, connection)
    }

    private static func require(_ condition: Bool, _ connection: OpaquePointer) {
        if !condition { fail(String(cString: sqlite3_errmsg(connection))) }
    }

    private static func fail(_ reason: String) -> Never {
        puts("store-limit: \(reason)")
        exit(1)
    }
}
