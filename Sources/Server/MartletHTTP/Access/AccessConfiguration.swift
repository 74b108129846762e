import MartletCore

/// Who is let in, and how much of it.
public struct AccessConfiguration: Sendable {
    /// The issuer whose tokens are accepted besides keys; `nil` accepts none.
    public var tokens: TokenSettings?
    /// The proxies whose word about a client's address and scheme is believed.
    public var trustedProxies: [Network] = []
    /// Requests of one principal; `nil` is no limit. What is beyond is refused with `429`.
    public var rate: Rate?
    /// Requests worked on at once, besides those for the server's health; more are refused with `429`. Live streams and waiting claims are
    /// counted apart.
    public var requestsMax = 1000
    /// How long a session of the dashboard lasts.
    public var sessionLifetime: Duration = .seconds(12 * 3600)
    /// Sign-ins from one address, and with one key.
    public var signInRate = Rate(count: 10, per: .seconds(60))
    /// Requests from one address with a credential that is no good; what is beyond is refused unseen.
    public var failureRate = Rate(count: 60, per: .seconds(60))

    public init() {}
}
