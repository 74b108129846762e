import MartletCore

/// Where to send a user so that he authorizes a connection.
public struct AuthorizationLink: Sendable, Hashable {
    public let url: String
    /// Comes back with the answer, once.
    public let state: String
    public let expiresAt: Timestamp
}
