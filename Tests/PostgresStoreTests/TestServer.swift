import Database
import Foundation
import MartletCore
import PostgresStore
import Synchronization

/// The PostgreSQL server that the tests run on. Each store has a schema of its own in it, which goes with the store.
enum TestServer {
    struct Missing: Error, CustomStringConvertible {
        let variable: String
        var description: String { "\(variable) is not set: run scripts/test, which starts the servers" }
    }

    static var url: String {
        get throws { try value("MARTLET_TEST_POSTGRES") }
    }

    /// The same database behind PgBouncer in transaction mode, where nobody can listen.
    static var pooled: String {
        get throws {
            let pooler = try value("MARTLET_TEST_PGBOUNCER")
            guard var components = URLComponents(string: pooler), let direct = URLComponents(string: try url) else {
                throw Missing(variable: "MARTLET_TEST_PGBOUNCER")
            }
            components.path = direct.path
            components.percentEncodedQuery = [components.percentEncodedQuery, "listen=off"].compactMap(\.self).joined(separator: "&")
            return components.string ?? pooler
        }
    }

    private static func value(_ variable: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[variable] else { throw Missing(variable: variable) }
        return value
    }

    /// Few connections for each store, because many tests run at once.
    static var settings: PostgresSettings {
        var settings = PostgresSettings()
        settings.connections = 2
        settings.wait = .seconds(60)
        return settings
    }

    /// A name that no other schema has, in this run or an earlier one.
    static func makeName() -> String {
        let number = Environment.system.makeJobID()
        return "t" + number.description.filter { $0 != "-" }
    }

    static func open(_ schema: String, _ environment: Environment) async throws -> PostgresStore {
        let real = Environment(clock: SystemClock(), random: environment.random)
        return try await PostgresStore(try url, schema: schema, environment: real, settings: settings, clock: environment.clock)
    }

    /// Statements on a connection that no store knows of.
    @discardableResult
    static func run<Value: Sendable>(_ body: @Sendable (PostgresConnection) throws -> Value) async throws -> Value {
        let database = try await PostgresDatabase.open(try url, settings: settings, environment: .system)
        do {
            let value = try await database.run(body)
            await database.close()
            return value
        } catch {
            await database.close()
            throw error
        }
    }
}

extension TestServer {
    static func drop(_ schema: String) async throws {
        try await run { connection in
            try connection.run(SQL(stringLiteral: "DROP SCHEMA IF EXISTS \(schema) CASCADE"))
            try connection.run("DELETE FROM martlet.schema_versions WHERE name = \(schema)")
        }
    }
}
