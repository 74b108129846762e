import Database
import MartletCore

extension Connections {
    /// Defines a provider, in place of the tenant's one of that name; the client secret is sealed. Connections that could not be refreshed are tried
    /// again at once, since a wrong definition may have been the cause.
    /// - Parameter tenant: whose it is; empty for one that all tenants share.
    /// - Throws: `ConnectionError.invalid`; `VaultError`; `DatabaseFailure`.
    public func define(_ provider: OAuthProvider, tenant: String = "") async throws {
        try provider.validate()
        if let reason = NewJob.nameFault(tenant) { throw ConnectionError.invalid(field: "tenant", reason: reason) }
        let definition = SQLJSON(provider.json.description)
        let address = SecretAddress(kind: .provider, tenant: tenant, name: provider.name)
        try await vault.write { rows in
            try rows.connection.run(
                """
                INSERT INTO vault_providers (tenant, name, definition, updated_at) VALUES (\(tenant), \(provider.name), \(definition), \(rows.now))
                ON CONFLICT (tenant, name) DO UPDATE SET definition = excluded.definition, updated_at = excluded.updated_at
                """)
            if let secret = provider.clientSecret { try rows.put(secret, at: address) } else { try rows.delete(address) }
            try rows.connection.run(
                """
                UPDATE vault_connections SET refresh_at = \(rows.now), failures = 0
                WHERE provider_tenant = \(tenant) AND provider = \(provider.name) AND failures > 0 AND refresh_at IS NOT NULL
                """)
        }
    }

    /// A provider as it was defined, without its client secret.
    public func provider(_ name: String, tenant: String = "") async throws -> OAuthProvider {
        try await vault.read { rows in
            var provider = try rows.provider(name, for: tenant).provider
            provider.clientSecret = nil
            return provider
        }
    }
}
