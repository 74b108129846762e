import Database
import Foundation
import MartletCore
import Records
import Testing

/// A database of a test's own, in either engine, and a folder beside it; both are gone afterwards.
struct TestDatabase {
    enum Engine: CaseIterable, Sendable { case sqlite, postgres }

    let database: SQLDatabase
    let folder: String
    let url: String

    static func with(
        _ engine: Engine = .sqlite, environment: Environment = .system, _ body: @escaping @Sendable (TestDatabase) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-records-\(Environment.system.makeJobID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        let path = folder.path(percentEncoded: false)
        switch engine {
        case .sqlite: try await run("sqlite:\(path)/data.db", path, environment, body)
        case .postgres:
            try await withServer { url in try await run(url, path, environment, body) }
        }
    }

    private static func run(
        _ url: String, _ folder: String, _ environment: Environment, _ body: @Sendable (TestDatabase) async throws -> Void
    ) async throws {
        let test = TestDatabase(
            database: try await SQLDatabase.open(url, schemas: [.records], environment: environment), folder: folder, url: url)
        do {
            try await body(test)
        } catch {
            await test.database.close()
            throw error
        }
        await test.database.close()
    }

    /// The same database, opened once more as another process would.
    func again(environment: Environment = .system) async throws -> SQLDatabase {
        try await SQLDatabase.open(url, schemas: [.records], environment: environment)
    }

    private static func withServer(_ body: (String) async throws -> Void) async throws {
        let variable = "MARTLET_TEST_POSTGRES"
        let text = try #require(ProcessInfo.processInfo.environment[variable], "\(variable) is not set: run scripts/test, which starts the servers")
        let name = "martlet_records_\(Environment.system.makeJobID())"
        func url(_ database: String?) throws -> String {
            var components = try #require(URLComponents(string: text))
            if let database { components.path = "/\(database)" }
            components.percentEncodedQuery = [components.percentEncodedQuery, "pool_size=3&pool_wait=60"].compactMap(\.self).joined(separator: "&")
            return try #require(components.string)
        }
        func administer(_ statement: String) async throws {
            let database = try await PostgresDatabase.open(try url(nil), environment: .system)
            try await database.run { try $0.run(SQL(stringLiteral: statement)) }
            await database.close()
        }
        try await administer("CREATE DATABASE \"\(name)\"")
        do {
            try await body(try url(name))
        } catch {
            try await administer("DROP DATABASE \"\(name)\" WITH (FORCE)")
            throw error
        }
        try await administer("DROP DATABASE \"\(name)\" WITH (FORCE)")
    }
}
