import Database
import MartletCore

extension Connections {
    /// Authorizations of one connection that may wait for their answers; an older one gives way.
    private static let pendingMax = 5
    /// Expired ones that a new one removes.
    private static let expiredMax = 100

    private struct Consumed: Sendable {
        let row: AuthorizationRow
        let verifier: Secret
        let provider: OAuthProvider
    }

    /// Begins an authorization code grant with PKCE (RFC 7636, S256) and a state that is good once, for `ConnectionOptions.authorizationLifetime`.
    /// - Throws: `ConnectionError.invalid`, `.notFound`; `VaultError`; `DatabaseFailure`.
    public func begin(_ order: AuthorizationOrder) async throws -> AuthorizationLink {
        try Self.validate(order.connection, order.tenant, order.scopes)
        guard !order.session.isEmpty else { throw ConnectionError.invalid(field: "session", reason: "must not be empty") }
        guard order.redirectURI.contains("://"), order.redirectURI.utf8.count <= 2048 else {
            throw ConnectionError.invalid(field: "redirect_uri", reason: "must be an absolute URL of at most 2048 bytes")
        }
        let state = RandomToken.make()
        let verifier = RandomToken.make()
        let hash = RandomToken.hash(state)
        let expiresAt = environment.clock.now() + options.authorizationLifetime
        let url = try await vault.write { rows in
            let (provider, owner) = try rows.provider(order.provider, for: order.tenant)
            let scopes = order.scopes.isEmpty ? provider.scopes : order.scopes
            let url = try Self.url(provider, order, scopes, state: state, challenge: RandomToken.hash(verifier))
            try Self.makeRoom(for: order, rows)
            try rows.connection.run(
                """
                INSERT INTO vault_authorizations
                    (state_hash, session_hash, tenant, connection, provider_tenant, provider, parameters, scopes, redirect_uri, expires_at)
                VALUES (\(hash), \(RandomToken.hash(order.session)), \(order.tenant), \(order.connection), \(owner), \(provider.name),
                    \(StringMap.write(order.parameters)), \(scopes.joined(separator: " ")), \(order.redirectURI), \(expiresAt))
                """)
            try rows.put(Secret(verifier), at: AuthorizationRow.verifier(hash, order.tenant))
            return url
        }
        return AuthorizationLink(url: url, state: state, expiresAt: expiresAt)
    }

    static func validate(_ connection: String, _ tenant: String, _ scopes: [String]) throws(ConnectionError) {
        guard !connection.isEmpty else { throw .invalid(field: "connection", reason: "must not be empty") }
        for (field, text) in [("connection", connection), ("tenant", tenant)] {
            if let reason = NewJob.nameFault(text) { throw .invalid(field: field, reason: reason) }
        }
        guard scopes.count <= 100 else { throw .invalid(field: "scopes", reason: "are more than 100") }
        for scope in scopes { try OAuthProvider.validate(scope: scope) }
    }

    private static func url(
        _ provider: OAuthProvider, _ order: AuthorizationOrder, _ scopes: [String], state: String, challenge: String
    ) throws(ConnectionError) -> String {
        guard let endpoint = provider.authorizationEndpoint else {
            throw .invalid(field: "provider", reason: "has no authorization endpoint: connect it by client credentials")
        }
        let base = try EndpointTemplate(endpoint, field: "authorization_endpoint").fill(order.parameters)
        // Told now and not when the tokens are fetched.
        _ = try EndpointTemplate(provider.tokenEndpoint, field: "token_endpoint").fill(order.parameters)
        var fields = [
            (name: "response_type", value: "code"), ("client_id", provider.clientID), ("redirect_uri", order.redirectURI), ("state", state),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ]
        if !scopes.isEmpty { fields.append(("scope", scopes.joined(separator: " "))) }
        fields += provider.authorizationFields.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        return base + (base.contains("?") ? "&" : "?") + PercentEncoding.form(fields)
    }

    /// Removes what has expired, and the oldest of the same connection where there are too many.
    private static func makeRoom(for order: AuthorizationOrder, _ rows: SecretRows) throws {
        var old = try rows.connection.rows(
            "SELECT state_hash, tenant FROM vault_authorizations WHERE expires_at <= \(rows.now) ORDER BY expires_at LIMIT \(expiredMax)")
        old += try rows.connection.rows(
            """
            SELECT state_hash, tenant FROM vault_authorizations WHERE tenant = \(order.tenant) AND connection = \(order.connection)
            ORDER BY expires_at DESC LIMIT 1000 OFFSET \(pendingMax - 1)
            """)
        for row in old {
            let hash: String = try row.get("state_hash")
            try rows.connection.run("DELETE FROM vault_authorizations WHERE state_hash = \(hash)")
            try rows.delete(AuthorizationRow.verifier(hash, try row.get("tenant")))
        }
    }

    /// Takes the answer to an authorization and gets its tokens. The state is used up, whatever comes of it.
    /// - Parameter session: what the authorization was begun with.
    /// - Throws: `AuthorizationError`; `ConnectionError`; `VaultError`; `DatabaseFailure`; `CancellationError`.
    public func complete(_ callback: AuthorizationCallback, session: String) async throws -> OAuthConnection {
        let consumed = try await consume(callback.state)
        guard consumed.row.expiresAt > environment.clock.now() else { throw AuthorizationError.expired }
        guard Secret(consumed.row.sessionHash) == Secret(RandomToken.hash(session)) else { throw AuthorizationError.otherSession }
        if let expected = consumed.provider.issuer, let issuer = callback.issuer, issuer != expected { throw AuthorizationError.otherIssuer }
        if let error = callback.error { throw AuthorizationError.denied(code: TokenAnswer.isCode(error) ? error : "unreadable") }
        guard let code = callback.code, !code.isEmpty else { throw AuthorizationError.noCode }
        let request = try TokenRequest(
            consumed.provider.tokenEndpoint,
            [
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", consumed.row.redirectURI),
                ("code_verifier", consumed.verifier.text),
            ] + consumed.provider.tokenFields.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) },
            of: consumed.provider, consumed.row.parameters)
        let asked = environment.clock.now()
        let grant = try await redeem(request)
        let connection = try await save(grant, consumed.row, consumed.provider, asked: asked)
        await tell()
        return connection
    }

    private func consume(_ state: String) async throws -> Consumed {
        let hash = RandomToken.hash(state)
        let consumed: Consumed? = try await vault.write { rows in
            // Deleted and read by one statement: of two that come with the same state, one gets it.
            guard let row = try rows.connection.rows("DELETE FROM vault_authorizations WHERE state_hash = \(hash) RETURNING *").first else {
                return nil
            }
            let authorization = try AuthorizationRow(row)
            let address = AuthorizationRow.verifier(hash, authorization.tenant)
            let verifier = try rows.get(address)
            try rows.delete(address)
            guard let verifier, let provider = try rows.provider(authorization.provider, of: authorization.providerTenant) else { return nil }
            return Consumed(row: authorization, verifier: verifier, provider: provider)
        }
        guard let consumed else { throw AuthorizationError.unknownState }
        return consumed
    }

    /// A code is good once, so it is sent again only where the server did not act for sure.
    private func redeem(_ request: TokenRequest) async throws -> TokenGrant {
        let clock = environment.clock
        let deadline = clock.uptime() + options.exchangeTimeout * 2
        var retries = RefreshRetries(mayRepeat: false, grace: .zero)
        while true {
            let answer = TokenAnswer(await post(request), now: clock.now())
            let now = clock.now()
            switch retries.next(after: answer, unanswered: 1, since: now, now: now, left: deadline - clock.uptime(), environment) {
            case .commit(let grant): return grant
            case .retry(let pause, _): try await clock.sleep(for: pause)
            case .end(.needsReconnect(let reason)), .end(.refused(let reason)): throw AuthorizationError.refused(reason: reason)
            case .end(.uncertain(let reason)), .end(.failing(let reason, _)): throw AuthorizationError.unanswered(reason: reason)
            }
        }
    }

    func post(_ request: TokenRequest) async -> Result<TokenReply, TokenExchangeFailure> {
        do throws(TokenExchangeFailure) {
            return .success(try await exchange.post(request, within: options.exchangeTimeout))
        } catch {
            return .failure(error)
        }
    }

    /// New tokens of a user's doing: they count, whatever a refresh under way would write, whose version is no longer the current one.
    private func save(
        _ grant: TokenGrant, _ order: AuthorizationRow, _ provider: OAuthProvider, asked: Timestamp
    ) async throws -> OAuthConnection {
        let made = environment.makeJobID()
        let notice = environment.makeJobID()
        let life = TokenLife(grant, provider, asked: asked, isRenewable: grant.tokens.refresh != nil, environment)
        let scopes = (grant.scopes ?? order.scopes).joined(separator: " ")
        return try await vault.write { rows in
            let row = try rows.connection.rows(
                """
                INSERT INTO vault_connections
                    (id, tenant, name, provider_tenant, provider, kind, parameters, scopes, state, reason, version, epoch, rotates, unanswered,
                    failures, expires_at, usable_until, refresh_at, created_at, updated_at)
                VALUES (\(made), \(order.tenant), \(order.connection), \(order.providerTenant), \(order.provider),
                    \(ConnectionKind.authorizationCode.rawValue), \(StringMap.write(order.parameters)), \(scopes),
                    \(ConnectionState.active.rawValue), NULL, 1, 0, \(false), 0, 0, \(life.expiresAt), \(life.usableUntil), \(life.refreshAt),
                    \(rows.now), \(rows.now))
                ON CONFLICT (tenant, name) DO UPDATE SET
                    provider_tenant = excluded.provider_tenant, provider = excluded.provider, kind = excluded.kind, parameters = excluded.parameters,
                    scopes = excluded.scopes, state = excluded.state, reason = NULL, version = vault_connections.version + 1, epoch = 0,
                    rotates = excluded.rotates, unanswered = 0, unanswered_since = NULL, failures = 0, expires_at = excluded.expires_at,
                    usable_until = excluded.usable_until, refresh_at = excluded.refresh_at, updated_at = excluded.updated_at
                RETURNING *
                """)[0]
            let connection = try ConnectionRow(row)
            try rows.put(grant.tokens.secret, at: connection.tokens)
            try ConnectionNotice(.connected, connection).write(notice, rows)
            return connection.connection
        }
    }
}
