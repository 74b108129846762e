import MartletCore

/// What may be known of a secret without opening it.
public struct SecretSummary: Sendable, Hashable {
    public let tenant: String
    public let name: String
    /// The envelope key that wraps its data key.
    public let keyID: String
    public let createdAt: Timestamp
    public let updatedAt: Timestamp
}
