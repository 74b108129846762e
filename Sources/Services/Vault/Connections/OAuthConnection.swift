import MartletCore

/// A connection as its owner and the operator may see it: everything but the tokens.
public struct OAuthConnection: Sendable, Hashable {
    public let id: JobID
    public let tenant: String
    public let name: String
    public let provider: String
    public let kind: ConnectionKind
    public let state: ConnectionState
    /// Why it is in this state, or why the last refresh failed; `nil` where all is well.
    public let reason: String?
    /// What was put into the placeholders of the provider's endpoints.
    public let parameters: [String: String]
    public let scopes: [String]
    /// Grows with each new set of tokens.
    public let version: Int
    /// Failed refreshes since the last good one.
    public let failures: Int
    public let expiresAt: Timestamp?
    /// When it will be refreshed next; `nil` where it will not.
    public let refreshAt: Timestamp?
    public let createdAt: Timestamp
    public let updatedAt: Timestamp

    /// The stream that tells what becomes of this connection.
    public var stream: String { Self.stream(id) }

    static func stream(_ id: JobID) -> String { "connection/\(id)" }
}
