/// What a connection means to somebody who wants a token now.
enum ConnectionStanding: Sendable, Hashable {
    /// The stored token is good.
    case usable
    /// New tokens are needed.
    case due
    /// No token, and why.
    case ended(ConnectionError)
}
