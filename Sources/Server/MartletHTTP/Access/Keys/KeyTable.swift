import Database
import MartletCore

/// The keys and sessions in a database. Every change that a server must learn of raises one number, which is all that servers look at.
public struct KeyTable: Sendable {
    /// Keys that can be used, at once: a server knows them all by heart.
    public static let keysMax = 10_000
    static let sessionsMax = 10_000
    /// How long a revoked or expired key is shown, and told apart from one that never was.
    private static let memory: Duration = .seconds(90 * 86_400)

    private let database: SQLDatabase
    private let environment: MartletCore.Environment

    /// - Parameter database: opened with `KeyTable.schema` among its schemas.
    public init(_ database: SQLDatabase, environment: MartletCore.Environment) {
        self.database = database
        self.environment = environment
    }

    /// Makes a key. What is returned beside its record is the only time the key itself is seen.
    /// - Throws: `KeyFault`, `DatabaseFailure`.
    public func create(_ key: NewKey) async throws -> (record: KeyRecord, secret: KeySecret) {
        if let fault = key.fault { throw fault }
        let (now, secret) = (environment.clock.now(), KeySecret(environment.random))
        let record = KeyRecord(
            id: secret.id, name: key.name, scopes: key.scopes, tenant: key.tenant, createdAt: now, expiresAt: key.lifetime.map { now + $0 },
            revokedAt: nil, lastUsedAt: nil)
        try await database.write { connection in
            try Self.forget(before: now, connection)
            let usable: Int = try connection.rows(
                "SELECT COUNT(*) FROM martlet_keys WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > \(now))")[0].get(0)
            guard usable < Self.keysMax else { throw KeyFault.tooMany(usable) }
            try connection.run(
                """
                INSERT INTO martlet_keys (id, name, hash, scopes, tenant, created_at, expires_at)
                VALUES (\(record.id), \(record.name), \(secret.hash), \(record.scopes.text), \(record.tenant), \(now), \(record.expiresAt))
                """)
            try Self.raiseVersion(connection)
        }
        return (record, secret)
    }

    /// All keys, the newest first; revoked and expired ones for ninety days more.
    public func list() async throws -> [KeyRecord] {
        try await database.read { connection in
            try connection.rows("SELECT * FROM martlet_keys ORDER BY created_at DESC, id").map(Self.record)
        }
    }

    /// Ends a key and the sessions that were begun with it. Revoking a revoked key changes nothing.
    /// - Throws: `KeyFault.notFound`, `DatabaseFailure`.
    @discardableResult
    public func revoke(_ id: String) async throws -> KeyRecord {
        let now = environment.clock.now()
        return try await database.write { connection in
            try connection.run("UPDATE martlet_keys SET revoked_at = \(now) WHERE id = \(id) AND revoked_at IS NULL")
            try connection.run("DELETE FROM martlet_sessions WHERE key_id = \(id)")
            guard let row = try connection.rows("SELECT * FROM martlet_keys WHERE id = \(id)").first else { throw KeyFault.notFound(id) }
            try Self.raiseVersion(connection)
            return try Self.record(row)
        }
    }

    // MARK: For the server

    /// Everything, where anything has changed since `version`; else `nil`.
    func snapshot(since version: Int) async throws -> KeySnapshot? {
        try await database.read { connection in
            let current: Int = try connection.rows("SELECT version FROM martlet_access WHERE id = 1")[0].get(0)
            guard current != version else { return nil }
            var keys: [String: KeySnapshot.Key] = [:]
            for row in try connection.rows("SELECT * FROM martlet_keys") {
                let record = try Self.record(row)
                keys[record.id] = KeySnapshot.Key(record: record, hash: try row.get("hash"), principal: record.principal)
            }
            var sessions: [[UInt8]: KeySnapshot.Session] = [:]
            for row in try connection.rows("SELECT hash, key_id, expires_at FROM martlet_sessions") {
                sessions[try row.get("hash")] = KeySnapshot.Session(key: try row.get("key_id"), expiresAt: try row.get("expires_at"))
            }
            return KeySnapshot(version: current, keys: keys, sessions: sessions)
        }
    }

    /// Notes when keys were last used. Nobody need learn of it.
    func note(used times: [String: Timestamp]) async throws {
        try await database.write { connection in
            for (id, time) in times.sorted(by: { $0.key < $1.key }) {
                try connection.run(
                    "UPDATE martlet_keys SET last_used_at = \(time) WHERE id = \(id) AND (last_used_at IS NULL OR last_used_at < \(time))")
            }
        }
    }

    /// - Throws: `KeyFault.tooMany` where as many are open as may be.
    func openSession(_ hash: [UInt8], ofKey id: String, until end: Timestamp) async throws {
        let now = environment.clock.now()
        try await database.write { connection in
            try connection.run("DELETE FROM martlet_sessions WHERE expires_at <= \(now)")
            let open: Int = try connection.rows("SELECT COUNT(*) FROM martlet_sessions")[0].get(0)
            guard open < Self.sessionsMax else { throw KeyFault.tooMany(open) }
            // A key that is revoked at this moment begins no session.
            let begun = try connection.run(
                """
                INSERT INTO martlet_sessions (hash, key_id, expires_at)
                SELECT \(hash), id, \(end) FROM martlet_keys WHERE id = \(id) AND revoked_at IS NULL\(SQL.lockingRow)
                """)
            guard begun == 1 else { throw KeyFault.notFound(id) }
            try Self.raiseVersion(connection)
        }
    }

    func closeSession(_ hash: [UInt8]) async throws {
        try await database.write { connection in
            guard try connection.run("DELETE FROM martlet_sessions WHERE hash = \(hash)") > 0 else { return }
            try Self.raiseVersion(connection)
        }
    }

    private static func raiseVersion(_ connection: any SQLConnection) throws {
        try connection.run("UPDATE martlet_access SET version = version + 1 WHERE id = 1")
    }

    /// Only where a new key comes: a server that has had keys must never find none and be open again.
    private static func forget(before now: Timestamp, _ connection: any SQLConnection) throws {
        let end = now - memory
        try connection.run("DELETE FROM martlet_keys WHERE revoked_at < \(end) OR expires_at < \(end)")
    }

    private static func record(_ row: Row) throws -> KeyRecord {
        let scopes: String = try row.get("scopes")
        return KeyRecord(
            id: try row.get("id"), name: try row.get("name"), scopes: Scopes(names: scopes.split(separator: " ")),
            tenant: try row.optional("tenant"), createdAt: try row.get("created_at"), expiresAt: try row.optional("expires_at"),
            revokedAt: try row.optional("revoked_at"), lastUsedAt: try row.optional("last_used_at"))
    }
}
