import ArgumentParser
import Database
import MartletCore
import MartletHTTP
import Vault

/// Which vault a command works on, and where its key is.
struct VaultOptions: ParsableArguments {
    @Option(help: "The file of the key.", completion: .file())
    var keyFile: String?

    @OptionGroup var databaseOptions: DatabaseOptions
    @OptionGroup var storeOptions: StoreOptions

    func configuration() throws -> Configuration {
        let flags = keyFile.map { [Configuration.keyFileSetting: ConfigurationReader.Override(text: $0, origin: .flag("--key-file"))] }
        return try storeOptions.configuration(databaseOptions, flags ?? [:])
    }

    /// Where the key is, or will be.
    static func keySource(_ configuration: Configuration) -> KeySource {
        configuration.vault ?? .file(path: configuration.standardKeyFile)
    }

    /// Opens the database, hands it over, and closes it.
    /// - Parameter creates: whether a file that is not there is made.
    static func withDatabase<Result>(
        _ configuration: Configuration, creates: Bool = false, _ body: (SQLDatabase) async throws -> Result
    ) async throws -> Result {
        let address = configuration.database
        guard creates || address.path.map(FilePaths.exists) ?? true else {
            throw CommandFailure(
                .notFound, "there is no database at \(address): run '\(Process.invocation) vault init', or name another with --database")
        }
        return try await OpenDatabase.with(address, environment: .system, body)
    }

    func withVault<Result>(_ body: (Vault) async throws -> Result) async throws -> Result {
        let configuration = try configuration()
        return try await Self.withDatabase(configuration) { database in
            try await body(try await Vault.open(database, keys: Self.keySource(configuration), environment: .system))
        }
    }

    /// For what is to be written down: the audit is in the store.
    func withAuditedVault<Result>(_ body: (Vault, AuditLog) async throws -> Result) async throws -> Result {
        let configuration = try configuration()
        return try await Self.withDatabase(configuration) { database in
            let vault = try await Vault.open(database, keys: Self.keySource(configuration), environment: .system)
            return try await StoreOptions.withStore(configuration, creates: true) { try await body(vault, AuditLog(store: $0.store)) }
        }
    }
}
