/// Where a connection stands. Whoever asks for a token is told, and so is its owner: no state is silent.
public enum ConnectionState: String, Sendable, CaseIterable {
    /// Tokens are there, or can be had.
    case active
    /// A process has asked the provider for new tokens, or was about to, and has not said how it ended.
    case refreshing
    /// The provider has refused the grant, or it has run out: its owner must authorize again.
    case needsReconnect = "needs-reconnect"
    /// A refresh may have replaced the refresh token, and the reply was lost. Asking again could end the grant, so nobody does by himself.
    case uncertain
    /// Its owner has ended it.
    case revoked
}
