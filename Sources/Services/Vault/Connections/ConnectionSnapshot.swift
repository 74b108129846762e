import MartletCore

/// A connection, its tokens and its provider, read in one snapshot.
struct ConnectionSnapshot: Sendable {
    let row: ConnectionRow
    let tokens: TokenSet?
    let provider: OAuthProvider

    var accessToken: AccessToken? {
        guard let tokens, let expiresAt = row.expiresAt else { return nil }
        return AccessToken(secret: tokens.access, connection: row.id, version: row.version, expiresAt: expiresAt, scopes: row.scopes)
    }

    /// Whether asking twice for new tokens is harmless: nothing is replaced by it.
    var mayRepeat: Bool {
        if row.kind == .clientCredentials { return true }
        return provider.rotation == .never && !row.rotates
    }

    /// How long after a lost reply the provider still takes the refresh token that it may have replaced.
    var grace: Duration {
        if case .always(let grace) = provider.rotation { grace } else { .zero }
    }
}
