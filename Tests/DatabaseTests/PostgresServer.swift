import Database
import Foundation
import MartletCore
import Testing

/// The server that the tests run against.
struct PostgresServer {
    static let direct = PostgresServer(variable: "MARTLET_TEST_POSTGRES")
    /// The same server behind PgBouncer in transaction mode.
    static let pooled = PostgresServer(variable: "MARTLET_TEST_PGBOUNCER")

    let variable: String

    private func url(to database: String?, _ parameters: String = "") throws -> String {
        let text = try #require(ProcessInfo.processInfo.environment[variable], "\(variable) is not set: run scripts/test, which starts the servers")
        var components = try #require(URLComponents(string: text), "\(variable) is no URL")
        if let database { components.path = "/\(database)" }
        components.percentEncodedQuery = [components.percentEncodedQuery, parameters.isEmpty ? nil : parameters].compactMap(\.self).joined(
            separator: "&")
        return try #require(components.string)
    }

    /// Host and port.
    func place() throws -> String {
        let components = try #require(URLComponents(string: try url(to: nil)))
        return "\(try #require(components.host)):\(components.port ?? 5432)"
    }

    /// Runs `body` with the URL of a database of its own, which is gone afterwards.
    func withDatabase(_ parameters: String = "", _ body: (_ url: String) async throws -> Void) async throws {
        let name = "martlet_test_\(Environment.system.makeJobID())"
        try await administer("CREATE DATABASE \"\(name)\"")
        do {
            try await body(try url(to: name, parameters))
        } catch {
            try await administer("DROP DATABASE \"\(name)\" WITH (FORCE)")
            throw error
        }
        try await administer("DROP DATABASE \"\(name)\" WITH (FORCE)")
    }

    private func administer(_ statement: String) async throws {
        let database = try await PostgresDatabase.open(try Self.direct.url(to: nil, "pool_size=1"), environment: .system)
        try await database.run { try $0.run(SQL(stringLiteral: statement)) }
        await database.close()
    }

    /// Runs `body` with an open database of its own.
    func withOpen(
        _ parameters: String = "", settings: PostgresSettings = PostgresSettings(), schemas: [Schema] = [],
        _ body: (PostgresDatabase) async throws -> Void
    ) async throws {
        try await withDatabase(parameters) { url in
            let database = try await PostgresDatabase.open(url, schemas: schemas, settings: settings, environment: .system)
            do {
                try await body(database)
            } catch {
                await database.close()
                throw error
            }
            await database.close()
        }
    }
}

extension PostgresDatabase {
    /// Returns once `condition` holds on the server, which paces the questions itself.
    func wait(until condition: SQL) async throws {
        while try await run({ try $0.answer("SELECT (\(condition)), pg_sleep(0.005)")[0].bool(0) }) == false {}
    }

    /// Other connections of this database.
    func backends(where condition: SQL = "true") async throws -> Int {
        try await run {
            try $0.answer("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND \(condition)")[0]
                .int(0)
        }
    }
}
