import Dispatch
import GRDB
import Synchronization

/// One SQLite file in WAL mode: a writer with group commit, and readers on connections of their own.
///
/// Every commit is on disk before its caller hears of it (`synchronous=FULL`). While one transaction is being made durable the next
/// operations gather, and then share one transaction, so throughput grows with load and no tick bounds latency.
public final class SQLiteDatabase<Scope: WriteScope>: Sendable {
    public typealias MakeScope = @Sendable (Connection, Scope.Memory?) throws -> Scope

    let pool: DatabasePool
    let queue = Mutex(WriteQueue<Scope>())
    let memory = Mutex(WriterMemory<Scope.Memory>())
    let makeScope: MakeScope
    /// Another connection's commit was noticed.
    let changedElsewhere: @Sendable () -> Void

    private init(_ pool: DatabasePool, changedElsewhere: @escaping @Sendable () -> Void, makeScope: @escaping MakeScope) {
        self.pool = pool
        self.changedElsewhere = changedElsewhere
        self.makeScope = makeScope
    }

    /// Opens the file, creating it where there is none, and brings its tables up to date.
    /// - Throws: `DatabaseFailure`.
    public static func open(
        path: String, schemas: [Schema], settings: SQLiteSettings = SQLiteSettings(), changedElsewhere: @escaping @Sendable () -> Void = {},
        makeScope: @escaping MakeScope
    ) async throws(DatabaseFailure) -> SQLiteDatabase {
        let opened: Result<DatabasePool, DatabaseFailure> = await withCheckedContinuation { continuation in
            // Opening waits for the disk and for other processes: not on a thread of the cooperative pool.
            DispatchQueue.global().async { continuation.resume(returning: openPool(path, schemas, settings)) }
        }
        return SQLiteDatabase(try opened.get(), changedElsewhere: changedElsewhere, makeScope: makeScope)
    }

    private static func openPool(_ path: String, _ schemas: [Schema], _ settings: SQLiteSettings) -> Result<DatabasePool, DatabaseFailure> {
        var configuration = Configuration()
        configuration.busyMode = .timeout(Double(settings.busyTimeout.components.seconds))
        configuration.maximumReaderCount = settings.readers
        configuration.persistentReadOnlyConnections = true
        configuration.prepareDatabase { db in
            // Temporary b-trees on disk cost more than the statements that need them.
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            try db.execute(sql: "PRAGMA cache_size = -\(db.configuration.readonly ? settings.readerCache : settings.writerCache)")
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // After opening, because GRDB relaxes it to NORMAL when it turns WAL on.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = \(settings.checkpointPages)")
                let connection = Connection(db)
                try connection.begin()
                do {
                    for schema in schemas { try schema.migrate(connection) }
                    try connection.commit()
                } catch {
                    connection.rollback()
                    throw error
                }
            }
            return .success(pool)
        } catch {
            return .failure(DatabaseFailure(error))
        }
    }

    /// Reads in one snapshot, on a connection that cannot write.
    /// - Throws: what `body` throws, or `DatabaseFailure`.
    public func read<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
        var attempt = 1
        while true {
            do {
                return try await readOnce(body)
            } catch let error as DatabaseFailure where error.isBusy && attempt < 3 {
                // A reader meets a lock only while another process recovers or removes the log.
                attempt += 1
            }
        }
    }

    private func readOnce<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
        if queue.withLock({ $0.isClosed }) { throw DatabaseFailure.closed }
        return try await withCheckedThrowingContinuation { continuation in
            pool.asyncRead { handle in
                continuation.resume(
                    with: Result {
                        do {
                            return try body(Connection(try handle.get()))
                        } catch let error as DatabaseError {
                            throw DatabaseFailure(error)
                        }
                    })
            }
        }
    }

    /// Asks whether another connection has committed since the last look; `changedElsewhere` hears of it.
    /// The answer is in before this returns.
    public func lookForOtherWriters() async {
        if queue.withLock({ $0.isClosed }) { return }
        await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { handle in
                do {
                    let version = try Connection(handle).dataVersion()
                    if self.memory.withLock({ $0.notice(version) }) { self.changedElsewhere() }
                } catch {
                    // Nobody is told of a failure to look: the next write will meet the cause, and a hint may be lost.
                }
                continuation.resume()
            }
        }
    }

    /// Refuses everything from now on, finishes what is waiting, and closes the file.
    public func close() async {
        queue.withLock { $0.close() }
        await withCheckedContinuation { continuation in
            // Behind the drain, on the same queue.
            pool.asyncWriteWithoutTransaction { _ in continuation.resume() }
        }
        let closing = pool
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do {
                    try closing.close()
                } catch {
                    // A reader is still at work; the connections close with the last reference.
                }
                continuation.resume()
            }
        }
    }
}

/// An open connection as GRDB hands it out inside `read` and `write`; named here so that the floors above can pass one on without
/// importing GRDB themselves.
public typealias SQLiteHandle = GRDB.Database
