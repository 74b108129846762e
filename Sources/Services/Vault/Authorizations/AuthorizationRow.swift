import Database
import MartletCore

/// An authorization that waits for its answer. The state is stored as a hash, the code verifier sealed.
struct AuthorizationRow: Sendable {
    let tenant: String
    let connection: String
    let providerTenant: String
    let provider: String
    let parameters: [String: String]
    let scopes: [String]
    let redirectURI: String
    let sessionHash: String
    let expiresAt: Timestamp

    init(_ row: Row) throws {
        tenant = try row.get("tenant")
        connection = try row.get("connection")
        providerTenant = try row.get("provider_tenant")
        provider = try row.get("provider")
        parameters = try StringMap.read(try row.get("parameters"))
        scopes = StringMap.words(try row.get("scopes"))
        redirectURI = try row.get("redirect_uri")
        sessionHash = try row.get("session_hash")
        expiresAt = try row.get("expires_at")
    }

    static func verifier(_ stateHash: String, _ tenant: String) -> SecretAddress {
        SecretAddress(kind: .authorization, tenant: tenant, name: stateHash)
    }
}
