import Database
import MartletCore

/// Sealed values inside one transaction. Confined to the closure it was handed to.
struct SecretRows {
    let connection: any SQLConnection
    let sealer: Sealer
    let now: Timestamp

    func put(_ secret: Secret, at address: SecretAddress) throws {
        let value = try sealer.seal(secret, at: address)
        try connection.run(
            """
            INSERT INTO vault_secrets (kind, tenant, name, key_id, wrapped_key, sealed, created_at, updated_at)
            VALUES (\(address.kind.rawValue), \(address.tenant), \(address.name), \(value.keyID), \(value.wrappedKey), \(value.sealed), \(now), \(now))
            ON CONFLICT (kind, tenant, name) DO UPDATE SET
                key_id = excluded.key_id, wrapped_key = excluded.wrapped_key, sealed = excluded.sealed, updated_at = excluded.updated_at
            """)
    }

    /// `nil` where nothing stands there.
    /// - Throws: `MissingKey`; `VaultError.damaged`; `DatabaseFailure`.
    func get(_ address: SecretAddress) throws -> Secret? {
        let row = try connection.rows("SELECT key_id, wrapped_key, sealed FROM vault_secrets WHERE \(Self.matching(address))").first
        return try row.map { try sealer.open(try SealedValue($0), at: address) }
    }

    /// - Returns: whether something stood there.
    @discardableResult
    func delete(_ address: SecretAddress) throws -> Bool {
        try connection.run("DELETE FROM vault_secrets WHERE \(Self.matching(address))") > 0
    }

    static func matching(_ address: SecretAddress) -> SQL {
        "kind = \(address.kind.rawValue) AND tenant = \(address.tenant) AND name = \(address.name)"
    }
}

extension SealedValue {
    init(_ row: Row) throws(DatabaseFailure) {
        self.init(keyID: try row.get("key_id"), wrappedKey: try row.get("wrapped_key"), sealed: try row.get("sealed"))
    }
}
