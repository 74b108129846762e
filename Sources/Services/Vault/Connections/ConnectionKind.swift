/// How a connection came by its tokens, and so how it gets new ones.
public enum ConnectionKind: String, Sendable {
    /// A user has authorized it (RFC 6749, section 4.1): refreshed by its refresh token.
    case authorizationCode = "authorization_code"
    /// The client's own (RFC 6749, section 4.4): asked for anew each time.
    case clientCredentials = "client_credentials"
}
