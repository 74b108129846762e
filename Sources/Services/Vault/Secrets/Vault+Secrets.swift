import Database
import MartletCore

extension Vault {
    /// The largest secret, in bytes.
    public static let secretBytesMax = 64 << 10

    /// Seals a secret under a name, in place of what stood there.
    /// - Throws: `VaultError`, `DatabaseFailure`.
    public func put(_ secret: Secret, named name: String, tenant: String = "") async throws {
        let address = try Self.address(name, tenant)
        guard !secret.bytes.isEmpty else { throw VaultError.invalid(field: "value", reason: "must not be empty") }
        guard secret.bytes.count <= Self.secretBytesMax else {
            throw VaultError.invalid(field: "value", reason: "is larger than \(Self.secretBytesMax) bytes")
        }
        try await write { try $0.put(secret, at: address) }
    }

    /// Opens a secret.
    /// - Throws: `VaultError.notFound`, `VaultError.damaged`; other `VaultError`, `DatabaseFailure`.
    public func get(_ name: String, tenant: String = "") async throws -> Secret {
        let address = try Self.address(name, tenant)
        guard let secret = try await read({ try $0.get(address) }) else { throw VaultError.notFound(name: name) }
        return secret
    }

    /// Removes a secret for good.
    /// - Throws: `VaultError.notFound`; other `VaultError`, `DatabaseFailure`.
    public func delete(_ name: String, tenant: String = "") async throws {
        let address = try Self.address(name, tenant)
        guard try await write({ try $0.delete(address) }) else { throw VaultError.notFound(name: name) }
    }

    /// The secrets of a tenant by name, after `name`; opens none of them.
    /// - Parameter limit: at most `Limits.pageMax`.
    public func list(tenant: String = "", after name: String = "", limit: Int = Limits.pageDefault) async throws -> [SecretSummary] {
        let limit = min(max(limit, 1), Limits.pageMax)
        return try await database.read { connection in
            try connection.rows(
                """
                SELECT tenant, name, key_id, created_at, updated_at FROM vault_secrets
                WHERE kind = \(SecretKind.secret.rawValue) AND tenant = \(tenant) AND name > \(name) ORDER BY name LIMIT \(limit)
                """
            ).map {
                SecretSummary(
                    tenant: try $0.get("tenant"), name: try $0.get("name"), keyID: try $0.get("key_id"), createdAt: try $0.get("created_at"),
                    updatedAt: try $0.get("updated_at"))
            }
        }
    }

    private static func address(_ name: String, _ tenant: String) throws(VaultError) -> SecretAddress {
        guard !name.isEmpty else { throw .invalid(field: "name", reason: "must not be empty") }
        for (field, text) in [("name", name), ("tenant", tenant)] {
            if let reason = NewJob.nameFault(text) { throw .invalid(field: field, reason: reason) }
        }
        return SecretAddress(kind: .secret, tenant: tenant, name: name)
    }
}
