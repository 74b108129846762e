/// Who makes a request, what it may do, and whose data it sees.
public struct Principal: Sendable, Hashable {
    /// What the audit calls it: a key's name and id, or the subject of a token.
    public let name: String
    public let scopes: Scopes
    /// The one tenant that it sees and writes for; `nil` sees all.
    public let tenant: String?

    /// - Parameter scopes: with a tenant only those of `Scopes.ofTenants` are kept: the others concern everybody's work.
    public init(name: String, scopes: Scopes, tenant: String?) {
        self.name = name
        self.scopes = tenant == nil ? scopes : scopes.intersection(.ofTenants)
        self.tenant = tenant
    }

    /// Who comes from this machine to a server without keys.
    public static let local = Principal(name: "local", scopes: .everything, tenant: nil)
    /// Who has not said who it is: may use what is open to everybody.
    public static let nobody = Principal(name: "nobody", scopes: Scopes(), tenant: nil)

    public func may(_ scope: Scope) -> Bool { scopes.contains(scope) }
    public func sees(_ tenant: String) -> Bool { self.tenant == nil || self.tenant == tenant }
}
