import MartletCore

/// Whose JSON Web Tokens are accepted, and what their claims mean here.
public struct TokenSettings: Sendable, Hashable {
    /// Where the keys come from. Each key has one algorithm by its kind, whatever a token says: HS256 for a secret, RS256 for an RSA key, ES256
    /// for one on P-256 (RFC 8725, section 3.1).
    public enum Keys: Sendable, Hashable {
        /// Shared with the issuer: at least 32 bytes (RFC 7518, section 3.2).
        case secret(String)
        /// RSA of at least 2048 bits, or P-256.
        case publicKey(pem: String)
        /// A JSON Web Key Set (RFC 7517), fetched and kept.
        case keySet(url: String)
    }

    /// Of a shared secret.
    public static let secretBytesMin = 32

    /// The exact `iss`.
    public var issuer: String
    /// What `aud` must be, or hold.
    public var audience: String
    public var keys: Keys
    /// The claim that names the tenant; where it is set, a token without it is refused. `nil` lets every token see all tenants.
    public var tenantClaim: String?
    /// The claim with the scopes: names with spaces between them, or an array.
    public var scopesClaim = "scope"
    /// What a token without that claim may do.
    public var defaultScopes = Scopes()
    /// How far the issuer's clock may be off.
    public var leeway: Duration = .seconds(60)

    public init(issuer: String, audience: String, keys: Keys) {
        self.issuer = issuer
        self.audience = audience
        self.keys = keys
    }
}
