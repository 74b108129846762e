import Database
import Foundation
import MartletCore
import Testing

/// The server that the tests run against.
struct PostgresServer {
    static let shared = PostgresServer(variable: "MARTLET_TEST_POSTGRES")
    static let pooled = PostgresServer(variable: "MARTLET_TEST_PGBOUNCER")

    let variable: String

    func url() throws -> String {
        try #require(ProcessInfo.processInfo.environment[variable], "\(variable) is not set: run scripts/test, which starts the servers")
    }

    func open(_ schemas: [Schema] = [], settings: PostgresSettings = PostgresSettings()) async throws -> PostgresDatabase {
        try await PostgresDatabase.open(try url(), schemas: schemas, settings: settings, environment: .system)
    }
}
