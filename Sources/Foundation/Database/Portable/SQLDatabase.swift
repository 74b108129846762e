import MartletCore

/// An application's tables, in an SQLite file or in PostgreSQL: one URL decides, and the statements stay the same.
///
/// What both understand: `INSERT … ON CONFLICT`, `RETURNING`, `CREATE TABLE … IF NOT EXISTS`, common table expressions, window functions.
/// Times come from `Environment` and are bound; column types are named by `\(type: .instant)`; the rest is `SQL.either`.
public final class SQLDatabase: Sendable {
    private enum Engine {
        case sqlite(SQLiteDatabase<PlainScope>)
        case postgres(PostgresDatabase)
    }

    private let engine: Engine

    private init(_ engine: Engine) {
        self.engine = engine
    }

    /// Opens `sqlite:path` (created where there is none) or `postgres://…`, and brings the tables up to date.
    /// - Throws: `DatabaseFailure`.
    public static func open(_ url: String, schemas: [Schema], environment: Environment) async throws(DatabaseFailure) -> SQLDatabase {
        if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            return SQLDatabase(.postgres(try await PostgresDatabase.open(url, schemas: schemas, environment: environment)))
        }
        guard url.hasPrefix("sqlite:") else {
            throw DatabaseFailure(.corrupt, reason: "the database's URL begins with neither sqlite: nor postgres://")
        }
        let path = String(url.dropFirst("sqlite:".count))
        return SQLDatabase(
            .sqlite(try await SQLiteDatabase<PlainScope>.open(path: path, schemas: schemas) { connection, _ in PlainScope(connection) }))
    }

    /// Reads in one snapshot. `body` may be run more than once.
    /// - Throws: what `body` throws, or `DatabaseFailure`.
    public func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        switch engine {
        case .sqlite(let database): try await database.read { try body($0) }
        case .postgres(let database): try await database.transaction(.repeatableRead, readOnly: true) { try body($0) }
        }
    }

    /// Runs `body` in one transaction, undone where it throws. `body` may be run more than once, so it has no effect but on the database.
    ///
    /// In PostgreSQL others write meanwhile: a row that is read to be written is read `\(lockingRow)`, or written by one statement.
    /// - Throws: what `body` throws, or `DatabaseFailure`.
    @discardableResult
    public func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        switch engine {
        case .sqlite(let database): try await database.write { try body($0.connection) }
        case .postgres(let database): try await database.transaction { try body($0) }
        }
    }

    /// Refuses everything from now on, finishes what is under way, and closes.
    public func close() async {
        switch engine {
        case .sqlite(let database): await database.close()
        case .postgres(let database): await database.close()
        }
    }
}

extension SQL {
    /// At the end of a `SELECT` in a transaction that goes on to write what it has read. SQLite has one writer, and needs nothing.
    public static let lockingRow = SQL.either(sqlite: "", postgres: " FOR UPDATE")
}
