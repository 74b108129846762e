import Database
import MartletCore

extension Connections {
    /// Makes a connection by client credentials, or changes the one of that name; its first token is fetched when it is asked for, or by a sweep.
    /// - Parameter scopes: what to ask for; empty for what the provider's definition says.
    /// - Throws: `ConnectionError.invalid`, `.notFound`; `VaultError`; `DatabaseFailure`.
    public func connect(
        _ name: String, provider: String, tenant: String = "", parameters: [String: String] = [:], scopes: [String] = []
    ) async throws -> OAuthConnection {
        try Self.validate(name, tenant, scopes)
        let made = environment.makeJobID()
        return try await vault.write { rows in
            let (definition, owner) = try rows.provider(provider, for: tenant)
            guard definition.authentication != .none else {
                throw ConnectionError.invalid(field: "provider", reason: "is one of a public client, which has no credentials of its own")
            }
            _ = try EndpointTemplate(definition.tokenEndpoint, field: "token_endpoint").fill(parameters)
            let words = (scopes.isEmpty ? definition.scopes : scopes).joined(separator: " ")
            let row = try rows.connection.rows(
                """
                INSERT INTO vault_connections
                    (id, tenant, name, provider_tenant, provider, kind, parameters, scopes, state, version, epoch, rotates, unanswered, failures,
                    refresh_at, created_at, updated_at)
                VALUES (\(made), \(tenant), \(name), \(owner), \(provider), \(ConnectionKind.clientCredentials.rawValue),
                    \(StringMap.write(parameters)), \(words), \(ConnectionState.active.rawValue), 0, 0, \(false), 0, 0, \(rows.now), \(rows.now),
                    \(rows.now))
                ON CONFLICT (tenant, name) DO UPDATE SET
                    provider_tenant = excluded.provider_tenant, provider = excluded.provider, kind = excluded.kind, parameters = excluded.parameters,
                    scopes = excluded.scopes, state = excluded.state, reason = NULL, version = vault_connections.version + 1, epoch = 0,
                    rotates = excluded.rotates, unanswered = 0, unanswered_since = NULL, failures = 0, expires_at = NULL, usable_until = NULL,
                    refresh_at = excluded.refresh_at, updated_at = excluded.updated_at
                RETURNING *
                """)[0]
            let connection = try ConnectionRow(row)
            try rows.delete(connection.tokens)
            return connection.connection
        }
    }

    /// Asks the provider once more for a connection that is uncertain, by somebody's decision: where the grant had been replaced, this ends it.
    /// - Throws: `ConnectionError.notFound` where there is no such uncertain connection.
    public func retry(_ id: JobID) async throws {
        let now = environment.clock.now()
        let count = try await vault.database.write { connection in
            try connection.run(
                """
                UPDATE vault_connections SET state = \(ConnectionState.active.rawValue), unanswered = 0, unanswered_since = NULL, failures = 0,
                    refresh_at = \(now), updated_at = \(now)
                WHERE id = \(id) AND state = \(ConnectionState.uncertain.rawValue)
                """)
        }
        guard count == 1 else { throw ConnectionError.notFound("uncertain connection \(id)") }
    }

    /// Forgets which leases have written to connections: for once the store that keeps the leases was replaced or restored, so that its epochs begin
    /// again and every refresh would be refused as a late one. Only while no process refreshes.
    public func forgetEpochs() async throws {
        try await vault.database.write { try $0.run("UPDATE vault_connections SET epoch = 0") }
    }

    /// Ends a connection: its tokens are removed here first, and then at the provider where that has an endpoint for it (RFC 7009).
    /// - Throws: `ConnectionError.revocationUnconfirmed` where it is ended here and the provider did not say so; `.notFound`.
    public func revoke(_ id: JobID) async throws {
        let snapshot = try await load(id)
        let notice = environment.makeJobID()
        let tokens: TokenSet? = try await vault.write { rows in
            try rows.connection.run(
                """
                UPDATE vault_connections SET state = \(ConnectionState.revoked.rawValue), reason = NULL, version = version + 1, refresh_at = NULL,
                    expires_at = NULL, usable_until = NULL, updated_at = \(rows.now)
                WHERE id = \(id)
                """)
            // Read behind the row's lock, or tokens that come in between would live on.
            let tokens = try rows.get(snapshot.row.tokens).flatMap { try TokenSet($0) }
            try rows.delete(snapshot.row.tokens)
            try ConnectionNotice(.revoked, snapshot.row).write(notice, rows)
            return tokens
        }
        await tell()
        guard let endpoint = snapshot.provider.revocationEndpoint, let tokens else { return }
        let fields =
            tokens.refresh.map { [(name: "token", value: $0.text), ("token_type_hint", "refresh_token")] }
            ?? [(name: "token", value: tokens.access.text), ("token_type_hint", "access_token")]
        let request = try TokenRequest(endpoint, fields, of: snapshot.provider, snapshot.row.parameters)
        switch await post(request) {
        case .success(let reply) where (200..<300).contains(reply.status): return
        case .success(let reply): throw ConnectionError.revocationUnconfirmed(id, reason: "status \(reply.status)")
        case .failure(let failure): throw ConnectionError.revocationUnconfirmed(id, reason: failure.reason)
        }
    }
}
