import GRDB
import GRDBSQLite

/// One connection for the length of one transaction, confined to whoever was handed it.
public final class Connection: SQLConnection {
    private let handle: SQLiteHandle
    private var prepared: [ObjectIdentifier: Prepared] = [:]

    /// Wraps a connection that is open elsewhere; valid no longer than the closure GRDB handed it to.
    public init(_ handle: SQLiteHandle) {
        self.handle = handle
    }

    /// The prepared statement of a query, ready to be bound.
    public func prepare(_ query: Query) throws -> Prepared {
        let key = ObjectIdentifier(query)
        if let known = prepared[key] { return known }
        let made = Prepared(try handle.cachedStatement(sql: query.text))
        prepared[key] = made
        return made
    }

    @discardableResult
    public func run(_ sql: SQL) throws -> Int {
        let before = totalChanges
        try bound(sql).run()
        return totalChanges - before
    }

    public func rows(_ sql: SQL) throws -> [Row] {
        let statement = try bound(sql)
        let names = statement.columnNames
        return try statement.map { row in Row(columns: names, values: names.indices.map { row.value(Int32($0)) }) }
    }

    /// The rows of a statement whose text varies, read by position.
    public func map<Value>(_ sql: SQL, _ read: (Prepared) throws -> Value) throws -> [Value] {
        try bound(sql).map(read)
    }

    /// The rows of a statement whose text varies, until `visit` answers `false`.
    public func whileRows(_ sql: SQL, _ visit: (Prepared) throws -> Bool) throws {
        try bound(sql).whileRows(visit)
    }

    private func bound(_ sql: SQL) throws -> Prepared {
        let statement = Prepared(try handle.cachedStatement(sql: sql.text))
        for value in sql.values { try statement.bind(value) }
        return statement
    }

    /// Rows changed by the last statement.
    public var changes: Int { handle.changesCount }
    /// Rows changed since the connection was opened.
    public var totalChanges: Int { handle.totalChangesCount }
    public var lastInsertedRow: Int64 { handle.lastInsertedRowID }
    public var isInsideTransaction: Bool { handle.isInsideTransaction }

    /// Runs `body` in a savepoint of its own, undone where it throws.
    public func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try openSavepoint()
        do {
            let value = try body()
            try closeSavepoint()
            return value
        } catch {
            if isInsideTransaction {
                try undoSavepoint()
                try closeSavepoint()
            }
            throw error
        }
    }

    func openSavepoint() throws { try prepare(Self.savepoint).run() }
    func undoSavepoint() throws { try prepare(Self.rollbackTo).run() }
    func closeSavepoint() throws { try prepare(Self.release).run() }

    /// Calls `body` once the transaction that is open now has committed.
    public func afterCommit(_ body: @escaping @Sendable () -> Void) {
        handle.afterNextTransaction { _ in body() }
    }

    /// Grows whenever another connection, of this process or another, has committed.
    func dataVersion() throws -> Int64 {
        try prepare(Self.dataVersion).first { $0.int64(0) } ?? 0
    }

    func begin() throws { try prepare(Self.begin).run() }

    func commit() throws {
        do {
            try prepare(Self.commit).run()
        } catch {
            let code = sqlite3_extended_errcode(handle.sqliteConnection)
            rollback()
            throw DatabaseFailure(sqlite: code, whileCommitting: true)
        }
    }

    /// Ends the transaction, if SQLite has not done so itself.
    func rollback() {
        guard isInsideTransaction else { return }
        sqlite3_exec(handle.sqliteConnection, "ROLLBACK", nil, nil, nil)
    }

    private static let begin = Query("BEGIN IMMEDIATE")
    private static let commit = Query("COMMIT")
    private static let savepoint = Query("SAVEPOINT operation")
    private static let release = Query("RELEASE operation")
    private static let rollbackTo = Query("ROLLBACK TO operation")
    private static let dataVersion = Query("PRAGMA data_version")
}
