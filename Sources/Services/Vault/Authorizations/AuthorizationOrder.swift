/// What is to be authorized.
public struct AuthorizationOrder: Sendable {
    /// The provider's name: the tenant's own, or a shared one.
    public var provider: String
    public var tenant: String
    /// The connection that comes of it, or that is authorized again.
    public var connection: String
    /// What fills the placeholders of the provider's endpoints.
    public var parameters: [String: String]
    /// What to ask for; empty for what the provider's definition says.
    public var scopes: [String]
    /// Where the provider sends the user back to; registered with it.
    public var redirectURI: String
    /// What ties the answer to the browser that asks, such as a session's id. The answer must come with the same.
    public var session: String

    public init(
        provider: String, tenant: String = "", connection: String, parameters: [String: String] = [:], scopes: [String] = [], redirectURI: String,
        session: String
    ) {
        self.provider = provider
        self.tenant = tenant
        self.connection = connection
        self.parameters = parameters
        self.scopes = scopes
        self.redirectURI = redirectURI
        self.session = session
    }
}
