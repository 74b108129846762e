import Database
import MartletCore
import MartletTesting

@testable import Vault

/// An open vault with a key file, on a clock that the test moves.
struct VaultScene: Sendable {
    let url: String
    let folder: String
    let keyPath: String
    let clock: VirtualClock
    let environment: Environment
    let database: SQLDatabase
    let vault: Vault

    var keys: KeySource { .file(path: keyPath) }

    static func with(_ engine: TestDatabase = .sqlite, seed: UInt64 = 1, _ body: (VaultScene) async throws -> Void) async throws {
        try await engine.with { url, folder in
            let clock = VirtualClock()
            let environment = Environment(clock: clock, random: SeededRandom(seed: seed))
            // The database waits in real time: a virtual clock would never end its pauses.
            let database = try await SQLDatabase.open(url, schemas: [Vault.schema], environment: .system)
            let keyPath = "\(folder)/vault.key"
            do {
                _ = try Vault.makeKeyFile(at: keyPath)
                try await Vault.initialise(database, keys: .file(path: keyPath), environment: environment)
                let vault = try await Vault.open(database, keys: .file(path: keyPath), environment: environment)
                try await body(
                    VaultScene(
                        url: url, folder: folder, keyPath: keyPath, clock: clock, environment: environment, database: database, vault: vault))
            } catch {
                await database.close()
                throw error
            }
            await database.close()
        }
    }

    /// Everything of the database that a thief would read.
    func stolenBytes() async throws -> [UInt8] {
        try await database.read { connection in
            try connection.rows("SELECT wrapped_key, sealed FROM vault_secrets").flatMap {
                try $0.get("wrapped_key", as: [UInt8].self) + $0.get("sealed", as: [UInt8].self)
            }
        }
    }
}
