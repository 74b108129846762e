import MartletCore

/// An API key as the server knows it: everything but the key.
public struct KeyRecord: Sendable, Hashable {
    public let id: String
    /// What somebody called it.
    public let name: String
    public let scopes: Scopes
    public let tenant: String?
    public let createdAt: Timestamp
    /// `nil` does not expire.
    public let expiresAt: Timestamp?
    public let revokedAt: Timestamp?
    /// To the minute or so.
    public let lastUsedAt: Timestamp?

    public func isUsable(at now: Timestamp) -> Bool { revokedAt == nil && expiresAt.map { $0 > now } ?? true }

    public var principal: Principal { Principal(name: "\(name) (\(id))", scopes: scopes, tenant: tenant) }
}
