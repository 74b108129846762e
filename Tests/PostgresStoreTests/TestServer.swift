import Database
import Foundation
import MartletCore
import PostgresStore
import Synchronization

/// The PostgreSQL server that the tests run on. Each store has a schema of its own in it, which goes with the store.
enum TestServer {
    struct Missing: Error, CustomStringConvertible {
        let description = "MARTLET_TEST_POSTGRES is not set: run scripts/test, which starts the servers"
    }

    static var url: String {
        get throws {
            guard let url = ProcessInfo.processInfo.environment["MARTLET_TEST_POSTGRES"] else { throw Missing() }
            return url
        }
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
