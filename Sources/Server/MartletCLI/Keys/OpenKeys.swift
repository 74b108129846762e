import Database
import MartletCore
import MartletHTTP

/// The database that keeps API keys and sessions.
enum OpenKeys {
    /// Beside a store that is no SQL.
    private static let fileName = "martlet-data.db"

    /// The store itself where it is SQL, else a file beside the configuration.
    static func address(_ configuration: Configuration) -> String {
        switch configuration.store {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgres(let url): url
        case .redis: "sqlite:\(FilePaths.absolute(fileName, in: configuration.folder))"
        }
    }

    /// Whether there is something to open without making it.
    static func exists(_ configuration: Configuration) -> Bool {
        if case .redis = configuration.store { return FilePaths.exists(FilePaths.absolute(fileName, in: configuration.folder)) }
        return configuration.store.exists
    }

    /// Opens the keys, hands them over, and closes them, whatever happens.
    static func with<Result>(
        _ configuration: Configuration, environment: MartletCore.Environment, _ body: (KeyTable) async throws -> Result
    ) async throws -> Result {
        let database = try await SQLDatabase.open(address(configuration), schemas: [KeyTable.schema], environment: environment)
        let result: Result
        do {
            result = try await body(KeyTable(database, environment: environment))
        } catch {
            await database.close()
            throw error
        }
        await database.close()
        return result
    }
}
