/// An authorization server and the client that it knows us as.
public struct OAuthProvider: Sendable, Equatable {
    /// How the client proves itself at the token endpoint (RFC 6749, section 2.3.1).
    public enum ClientAuthentication: String, Sendable {
        /// In an `Authorization: Basic` header, which every server must take.
        case basic
        /// In the form.
        case post
        /// A public client: by nothing but PKCE.
        case none
    }

    /// What a refresh does to the refresh token.
    public enum Rotation: Sendable, Hashable {
        /// It stays as it is, so asking twice is harmless. A server that is seen to replace one is treated as `always` from then on.
        case never
        /// Each refresh replaces it. Within `grace` after a request whose reply was lost, it is sent once more: servers take the replaced token for
        /// such a while. Later, or a third time, it would look like theft and end the grant (RFC 9700, section 4.14.2). Zero for a server
        /// that ends a grant at the first reuse.
        case always(grace: Duration)
    }

    public var name: String
    /// Where users are sent; `nil` for a provider of client credentials alone. May hold `{placeholders}`.
    public var authorizationEndpoint: String?
    /// May hold `{placeholders}`.
    public var tokenEndpoint: String
    /// RFC 7009; may hold `{placeholders}`.
    public var revocationEndpoint: String?
    /// What the callback's `iss` must be, where it has one (RFC 9207).
    public var issuer: String?
    public var clientID: String
    /// Sealed in the vault, never read back out of it.
    public var clientSecret: Secret?
    public var authentication: ClientAuthentication
    /// What is asked for where a connection asks for nothing else.
    public var scopes: [String] = []
    /// Further fields of the authorization request, such as `access_type`.
    public var authorizationFields: [String: String] = [:]
    /// Further fields of requests to the token endpoint, such as `audience`.
    public var tokenFields: [String: String] = [:]
    public var rotation = Rotation.always(grace: .seconds(30))
    /// How long tokens live whose server does not say.
    public var defaultLifetime: Duration = .seconds(3600)

    public init(
        name: String, authorizationEndpoint: String? = nil, tokenEndpoint: String, clientID: String, clientSecret: Secret? = nil,
        authentication: ClientAuthentication = .basic
    ) {
        self.name = name
        self.authorizationEndpoint = authorizationEndpoint
        self.tokenEndpoint = tokenEndpoint
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.authentication = authentication
    }
}
