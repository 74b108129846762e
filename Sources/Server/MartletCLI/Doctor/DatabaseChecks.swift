import Database
import MartletCore
import Vault

/// The database of services and applications, and the vault in it.
struct DatabaseChecks {
    let configuration: Configuration
    let environment: MartletCore.Environment

    func run() async -> [Finding] {
        guard OpenKeys.exists(configuration) else {
            return [.ok("database", "none yet at \(configuration.database), as before the first start")]
        }
        let file = configuration.database.path.map { FileChecks(path: $0, prefix: "database ").run() } ?? []
        do {
            // It cannot be opened where its tables are of a newer build, and is brought up to date where they are of an older one.
            return try await OpenDatabase.with(configuration.database, environment: environment) { database in
                let parts = OpenDatabase.schemas.map { "\($0.name) \($0.steps.count)" }.sorted().joined(separator: ", ")
                return file + [.ok("database", "\(configuration.database) answers; version \(parts)"), await vault(database)]
            }
        } catch {
            return file + [.fail("database", "\(error)", do: "see whether the server can be reached, or the disk is full")]
        }
    }

    private func vault(_ database: SQLDatabase) async -> Finding {
        do {
            let isInitialised = try await Vault.isInitialised(database)
            guard let source = configuration.vault else {
                guard isInitialised else { return .ok("vault", "none, so no secrets are kept") }
                return .fail(
                    "vault", "it holds secrets, and there is no key to open them",
                    do: "set \(Configuration.keyFileSetting) or \(Configuration.keyVariable), or bring back \(configuration.standardKeyFile)")
            }
            guard isInitialised else {
                return .fail("vault", "there is a key (\(source)) and no vault", do: "run '\(Process.invocation) vault init'")
            }
            _ = try await Vault.open(database, keys: source, environment: environment)
            return .ok("vault", "opens with the key of \(source)")
        } catch {
            return .fail("vault", "\(error)", do: "nothing that is sealed opens until then")
        }
    }
}
