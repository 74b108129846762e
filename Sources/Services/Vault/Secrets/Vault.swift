import Database
import MartletCore
import Synchronization

/// Secrets at rest: each sealed with AES-GCM under a data key of its own, which an envelope key outside the database wraps.
///
/// Which envelope key seals is written in the database and locked by every transaction that seals: from the moment a rotation has committed,
/// nothing is sealed under the old key, by whichever process. A process meets a key that it does not hold by reading its source again.
public final class Vault: Sendable {
    let database: SQLDatabase
    let environment: Environment
    let source: KeySource
    private let ring: Mutex<Keyring>

    private init(_ database: SQLDatabase, _ source: KeySource, _ ring: Keyring, _ environment: Environment) {
        self.database = database
        self.source = source
        self.ring = Mutex(ring)
        self.environment = environment
    }

    /// Opens the vault of a database that was opened with `Vault.schema`.
    /// - Throws: `VaultError`, where the key cannot be used or is the wrong one; `DatabaseFailure`.
    public static func open(_ database: SQLDatabase, keys source: KeySource, environment: Environment) async throws -> Vault {
        let vault = Vault(database, source, try source.load(), environment)
        // Fails where the key that seals is not among those held.
        try await vault.read { _ in }
        return vault
    }

    /// Makes the newest key of the source the key of this database. Doing it twice with one key is doing it once.
    /// - Returns: the key's id.
    /// - Throws: `VaultError.alreadyInitialised` where the database has another key; as `open`.
    @discardableResult
    public static func initialise(_ database: SQLDatabase, keys source: KeySource, environment: Environment) async throws -> String {
        let key = try source.load().keys[0].id
        let now = environment.clock.now()
        return try await database.write { connection in
            // One statement decides between two that do this at once.
            try connection.run(
                """
                INSERT INTO vault_keys (id, is_primary, created_at) SELECT \(key), \(true), \(now)
                WHERE NOT EXISTS (SELECT 1 FROM vault_keys) ON CONFLICT DO NOTHING
                """)
            let primary = try primaryKey(connection, "")
            guard primary == key else { throw VaultError.alreadyInitialised(key: primary) }
            return key
        }
    }

    /// Whether the database knows a key: without one it holds no secret.
    /// - Throws: `DatabaseFailure`.
    public static func isInitialised(_ database: SQLDatabase) async throws -> Bool {
        try await database.read { try !$0.rows("SELECT id FROM vault_keys LIMIT 1").isEmpty }
    }

    /// Makes a key file with a new key, for `initialise`.
    /// - Returns: the key's id.
    /// - Throws: `VaultError.keyUnreadable` where there is such a file already.
    public static func makeKeyFile(at path: String) throws(VaultError) -> String { try KeyFile(path: path).create().id }

    /// Reads in one snapshot. `body` may be run more than once.
    func read<Value: Sendable>(_ body: @escaping @Sendable (SecretRows) throws -> Value) async throws -> Value {
        let now = environment.clock.now()
        return try await withRing { ring in
            try await self.database.read { try body(try Self.rows($0, ring, now, lock: "")) }
        }
    }

    /// Reads and writes in one transaction. `body` may be run more than once.
    func write<Value: Sendable>(_ body: @escaping @Sendable (SecretRows) throws -> Value) async throws -> Value {
        let now = environment.clock.now()
        return try await withRing { ring in
            try await self.database.write { try body(try Self.rows($0, ring, now, lock: .either(sqlite: "", postgres: " FOR SHARE"))) }
        }
    }

    private static func rows(_ connection: any SQLConnection, _ ring: Keyring, _ now: Timestamp, lock: SQL) throws -> SecretRows {
        let id = try primaryKey(connection, lock)
        guard let primary = ring[id] else { throw MissingKey(id: id) }
        return SecretRows(connection: connection, sealer: Sealer(ring: ring, primary: primary), now: now)
    }

    /// - Parameter lock: holds off a rotation until the transaction ends.
    static func primaryKey(_ connection: any SQLConnection, _ lock: SQL) throws -> String {
        // Twice: a lock that was waited for while another process rotated finds that the row is no longer the one, and the statement that waited
        // does not see the new row yet.
        for _ in 0..<2 {
            if let row = try connection.rows("SELECT id FROM vault_keys WHERE is_primary = \(true)\(lock)").first { return try row.get("id") }
        }
        throw VaultError.notInitialised
    }

    private func withRing<Value>(_ body: (Keyring) async throws -> Value) async throws -> Value {
        do {
            return try await body(ring.withLock { $0 })
        } catch is MissingKey {
            let fresh = try reload()
            do {
                return try await body(fresh)
            } catch let missing as MissingKey {
                throw VaultError.keyMissing(needed: missing.id, held: fresh.keys.map(\.id), source: source.description)
            }
        }
    }

    func reload() throws(VaultError) -> Keyring {
        let fresh = try source.load()
        ring.withLock { $0 = fresh }
        return fresh
    }
}
