import Database
import Foundation
import MartletCore
import Testing
import Vault

/// A database for one test, of either engine, removed after it.
enum TestDatabase: CaseIterable {
    case sqlite, postgres

    func with(_ body: (_ url: String, _ folder: String) async throws -> Void) async throws {
        let name = "martlet_test_\(Environment.system.makeJobID())"
        let folder = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        switch self {
        case .sqlite: try await body("sqlite:" + folder.appending(path: "vault.db").path, folder.path)
        case .postgres:
            try await Self.administer("CREATE DATABASE \"\(name)\"")
            do {
                try await body(try Self.url(to: name), folder.path)
            } catch {
                try await Self.administer("DROP DATABASE \"\(name)\" WITH (FORCE)")
                throw error
            }
            try await Self.administer("DROP DATABASE \"\(name)\" WITH (FORCE)")
        }
    }

    private static func url(to database: String?) throws -> String {
        let text = try #require(
            ProcessInfo.processInfo.environment["MARTLET_TEST_POSTGRES"],
            "MARTLET_TEST_POSTGRES is not set: run scripts/test, which starts the servers")
        var components = try #require(URLComponents(string: text))
        if let database { components.path = "/\(database)" }
        components.percentEncodedQuery = [components.percentEncodedQuery, "pool_size=4"].compactMap(\.self).joined(separator: "&")
        return try #require(components.string)
    }

    private static func administer(_ statement: String) async throws {
        let server = try await PostgresDatabase.open(try url(to: nil), environment: .system)
        do { try await server.run { _ = try $0.run(SQL(stringLiteral: statement)) } } catch {
            await server.close()
            throw error
        }
        await server.close()
    }
}
