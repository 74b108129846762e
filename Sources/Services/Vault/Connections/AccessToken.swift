import MartletCore

/// A token to call the provider's API with. Printing it does not show it.
public struct AccessToken: Sendable, Equatable {
    let secret: Secret
    public let connection: JobID
    /// Of the tokens it belongs to: grows with each refresh.
    public let version: Int
    public let expiresAt: Timestamp
    public let scopes: [String]

    /// The token itself.
    public var value: String { secret.text }
    /// The value of an `Authorization` header (RFC 6750, section 2.1).
    public var authorization: String { "Bearer \(value)" }
}

extension AccessToken: CustomStringConvertible {
    public var description: String { "access token \(version) of connection \(connection), good until \(expiresAt)" }
}
