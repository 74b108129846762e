/// What a sealed value belongs to. A part of its address, so that names of one kind cannot be read as those of another.
enum SecretKind: String, Sendable {
    /// What a user has put.
    case secret
    /// The client secret of a provider.
    case provider
    /// The tokens of a connection.
    case connection
    /// The code verifier of an authorization under way.
    case authorization
}
