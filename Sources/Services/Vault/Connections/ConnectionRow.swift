import Database
import MartletCore

/// A connection as it is stored.
struct ConnectionRow: Sendable, Hashable {
    let id: JobID
    let tenant: String
    let name: String
    let providerTenant: String
    let provider: String
    let kind: ConnectionKind
    let parameters: [String: String]
    var scopes: [String]
    var state: ConnectionState
    var reason: String?
    var version: Int
    /// Of the lease under which it was written last; a lower one writes no more.
    var epoch: Int
    /// Whether the provider was seen to replace refresh tokens.
    var rotates: Bool
    /// Requests whose outcome nobody knows, since the last one that is known.
    var unanswered: Int
    var unansweredSince: Timestamp?
    var failures: Int
    var expiresAt: Timestamp?
    var usableUntil: Timestamp?
    var refreshAt: Timestamp?
    let createdAt: Timestamp
    let updatedAt: Timestamp

    init(_ row: Row) throws {
        guard let kind = ConnectionKind(rawValue: try row.get("kind")), let state = ConnectionState(rawValue: try row.get("state")) else {
            throw DatabaseFailure(.corrupt, reason: "a connection is of a kind or in a state that this build does not know: run a newer build")
        }
        id = try row.get("id")
        tenant = try row.get("tenant")
        name = try row.get("name")
        providerTenant = try row.get("provider_tenant")
        provider = try row.get("provider")
        self.kind = kind
        parameters = try StringMap.read(try row.get("parameters"))
        scopes = StringMap.words(try row.get("scopes"))
        self.state = state
        reason = try row.optional("reason")
        version = try row.get("version")
        epoch = try row.get("epoch")
        rotates = try row.get("rotates")
        unanswered = try row.get("unanswered")
        unansweredSince = try row.optional("unanswered_since")
        failures = try row.get("failures")
        expiresAt = try row.optional("expires_at")
        usableUntil = try row.optional("usable_until")
        refreshAt = try row.optional("refresh_at")
        createdAt = try row.get("created_at")
        updatedAt = try row.get("updated_at")
    }

    var connection: OAuthConnection {
        OAuthConnection(
            id: id, tenant: tenant, name: name, provider: provider, kind: kind, state: state, reason: reason, parameters: parameters, scopes: scopes,
            version: version, failures: failures, expiresAt: expiresAt, refreshAt: refreshAt, createdAt: createdAt, updatedAt: updatedAt)
    }

    static func tokens(_ id: JobID, _ tenant: String) -> SecretAddress { SecretAddress(kind: .connection, tenant: tenant, name: "\(id)") }
    var tokens: SecretAddress { Self.tokens(id, tenant) }
}
