/// What a provider sent a user back with (RFC 6749, section 4.1.2; RFC 9207). The fields are taken as they came.
public struct AuthorizationCallback: Sendable {
    public var state: String
    public var code: String?
    public var error: String?
    /// `iss`.
    public var issuer: String?

    public init(state: String, code: String? = nil, error: String? = nil, issuer: String? = nil) {
        self.state = state
        self.code = code
        self.error = error
        self.issuer = issuer
    }
}
