import MartletCore

/// A key that somebody wants.
public struct NewKey: Sendable, Hashable {
    public var name: String
    public var scopes: Scopes
    /// Where set, the key sees and writes this tenant's jobs and streams alone.
    public var tenant: String?
    /// How long it may be used; `nil` for as long as nobody revokes it.
    public var lifetime: Duration?

    private static let nameBytes = 64

    public init(name: String, scopes: Scopes, tenant: String? = nil, lifetime: Duration? = nil) {
        self.name = name
        self.scopes = scopes
        self.tenant = tenant
        self.lifetime = lifetime
    }

    public var fault: KeyFault? {
        guard FieldReader.isName(name, Self.nameBytes) else {
            return .invalid(field: "name", reason: "must be 1 to \(Self.nameBytes) bytes without control characters")
        }
        guard !scopes.isEmpty else { return .invalid(field: "scopes", reason: "must name at least one: a key without any can do nothing") }
        if let tenant {
            guard FieldReader.isName(tenant) else { return .invalid(field: "tenant", reason: FieldReader.nameRule()) }
            let others = scopes.granted.filter { !Scopes.ofTenants.contains($0) }
            guard others.isEmpty else {
                let names = others.map(\.rawValue).joined(separator: ", ")
                return .invalid(field: "scopes", reason: "of a key with a tenant cannot be \(names): they concern every tenant's work")
            }
        }
        if let lifetime, lifetime <= .zero || lifetime > Limits.delay {
            return .invalid(field: "expires", reason: "must be longer than zero and at most ten years")
        }
        return nil
    }
}
