import MartletCore
import MartletHTTP

/// The API keys and sessions, which are kept in the database of services and applications.
enum OpenKeys {
    /// Whether there is something to open without making it.
    static func exists(_ configuration: Configuration) -> Bool {
        configuration.database.path.map(FilePaths.exists) ?? true
    }

    /// Opens the keys, hands them over, and closes them, whatever happens.
    static func with<Result>(
        _ configuration: Configuration, environment: MartletCore.Environment, _ body: (KeyTable) async throws -> Result
    ) async throws -> Result {
        try await OpenDatabase.with(configuration.database, environment: environment) { database in
            try await body(KeyTable(database, environment: environment))
        }
    }
}
