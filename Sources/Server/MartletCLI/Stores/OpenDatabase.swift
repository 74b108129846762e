import Database
import MartletCore
import MartletHTTP
import Records
import Vault

/// The database that this process has opened for services and applications. Opened once, and handed to whatever keeps tables of its own.
enum OpenDatabase {
    /// The tables of every part that has some: a new part adds its schema here.
    static let schemas: [Schema] = [.records, KeyTable.schema, Vault.schema]

    /// Opens the database, brings its tables up to date, hands it over, and closes it, whatever happens.
    /// - Throws: `CommandFailure` where it cannot be opened; what `body` throws.
    static func with<Result>(
        _ address: DatabaseAddress, environment: Environment, _ body: (SQLDatabase) async throws -> Result
    ) async throws -> Result {
        let database = try await open(address, environment)
        let result: Result
        do {
            result = try await body(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
        return result
    }

    private static func open(_ address: DatabaseAddress, _ environment: Environment) async throws(CommandFailure) -> SQLDatabase {
        do throws(DatabaseFailure) {
            return try await SQLDatabase.open(address.url, schemas: schemas, environment: environment)
        } catch {
            throw CommandFailure(.failed, "the database \(address) cannot be used: \(error)\nSee the setting 'database'.")
        }
    }
}
