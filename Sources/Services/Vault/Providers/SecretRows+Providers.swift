import Database
import MartletCore

extension SecretRows {
    /// A tenant's provider with its client secret, or `nil`.
    func provider(_ name: String, of tenant: String) throws -> OAuthProvider? {
        let row = try connection.rows("SELECT definition FROM vault_providers WHERE tenant = \(tenant) AND name = \(name)").first
        return try row.map { row in
            let secret = try get(SecretAddress(kind: .provider, tenant: tenant, name: name))
            return try OAuthProvider(name: name, json: try JSON(parsing: try row.get("definition", as: SQLJSON.self).text), clientSecret: secret)
        }
    }

    /// The tenant's own provider of this name, or else the one that all tenants share.
    func provider(_ name: String, for tenant: String) throws -> (provider: OAuthProvider, tenant: String) {
        if let own = try provider(name, of: tenant) { return (own, tenant) }
        guard let shared = try provider(name, of: "") else { throw ConnectionError.notFound("provider '\(name)'") }
        return (shared, "")
    }
}
