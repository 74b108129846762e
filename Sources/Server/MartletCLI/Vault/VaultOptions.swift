import ArgumentParser
import Database
import Foundation
import MartletCore
import Vault

/// Which vault a command works on, and where its key is.
struct VaultOptions: ParsableArguments {
    static let keyFileVariable = "MARTLET_VAULT_KEY_FILE"
    static let keyVariable = "MARTLET_VAULT_KEY"
    private static let keyFileName = "martlet-vault.key"

    @Option(help: "The file of the key.", completion: .file())
    var keyFile: String?

    @OptionGroup var databaseOptions: DatabaseOptions
    @OptionGroup var storeOptions: StoreOptions

    /// What the command line says, then the environment, then the default.
    func keySource(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> KeySource {
        if let path = keyFile ?? environment[Self.keyFileVariable] { return .file(path: FilePaths.absolute(path, in: FilePaths.currentFolder)) }
        if environment[Self.keyVariable] != nil { return .environment(variable: Self.keyVariable) }
        return .file(path: FilePaths.absolute(Self.keyFileName, in: FilePaths.currentFolder))
    }

    func address() throws -> DatabaseAddress {
        let folder = FilePaths.currentFolder
        guard let text = databaseOptions.database else { return DatabaseAddress(beside: try storeOptions.configuration().store, in: folder) }
        guard let address = DatabaseAddress(text, relativeTo: folder) else {
            throw CommandFailure(.usage, "--database \(DatabaseAddress.hint)")
        }
        return address
    }

    /// Opens the database, hands it over, and closes it.
    /// - Parameter creates: whether a file that is not there is made.
    func withDatabase<Result>(creates: Bool = false, _ body: (SQLDatabase) async throws -> Result) async throws -> Result {
        let address = try address()
        guard creates || address.path.map(FilePaths.exists) ?? true else {
            throw CommandFailure(
                .notFound, "there is no database at \(address): run '\(Process.invocation) vault init', or name another with --database")
        }
        let database = try await SQLDatabase.open(address.url, schemas: [Vault.schema], environment: .system)
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

    func withVault<Result>(_ body: (Vault) async throws -> Result) async throws -> Result {
        try await withDatabase { database in
            try await body(try await Vault.open(database, keys: keySource(), environment: .system))
        }
    }
}
