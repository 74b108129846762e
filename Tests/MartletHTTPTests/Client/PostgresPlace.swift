import Database
import Foundation
import MartletCore
import PostgresStore
import Testing

/// A store in PostgreSQL for one test, in a schema that is gone afterwards, and connections beside it that the store knows nothing of.
struct PostgresPlace: Sendable {
    let store: PostgresStore
    let watcher: PostgresDatabase
    let schema: String

    static func with(_ change: (inout PostgresSettings) -> Void = { _ in }, _ body: @Sendable (PostgresPlace) async throws -> Void) async throws {
        let variable = "MARTLET_TEST_POSTGRES"
        let url = try #require(ProcessInfo.processInfo.environment[variable], "\(variable) is not set: run scripts/test, which starts the servers")
        let schema = "t" + MartletCore.Environment.system.makeJobID().description.filter { $0 != "-" }
        var settings = PostgresSettings()
        settings.wait = .seconds(60)
        change(&settings)
        let store = try await PostgresStore(url, schema: schema, settings: settings)
        var narrow = PostgresSettings()
        narrow.connections = 2
        narrow.statementTimeout = .seconds(120)
        let watcher = try await PostgresDatabase.open(url, settings: narrow, environment: .system)
        let result: Result<Void, any Error>
        do { result = .success(try await body(PostgresPlace(store: store, watcher: watcher, schema: schema))) } catch { result = .failure(error) }
        await store.close()
        try await watcher.run { connection in
            try connection.run(SQL(stringLiteral: "DROP SCHEMA IF EXISTS \(schema) CASCADE"))
            try connection.run("DELETE FROM martlet.schema_versions WHERE name = \(schema)")
        }
        await watcher.close()
        try result.get()
    }

    /// Keeps everybody from the table `name` until cancelled.
    func lock(_ name: String) async throws {
        do {
            try await watcher.transaction { connection in
                try connection.run(SQL(stringLiteral: "LOCK TABLE \(schema).\(name) IN ACCESS EXCLUSIVE MODE"))
                try connection.run("SELECT pg_sleep(100)")
            }
        } catch is CancellationError {
            return
        }
    }

    /// Returns when somebody has locked it.
    func waitForLock(_ name: String) async throws {
        let table = "\(schema).\(name)"
        while try await watcher.run({
            try $0.answer(
                "SELECT count(*) FROM pg_locks WHERE relation = (\(table)::text)::regclass AND mode = 'AccessExclusiveLock' AND granted")[0].int(0)
        }) == 0 {}
    }
}
