/// How connections are kept. One value with defaults.
public struct ConnectionOptions: Sendable {
    /// The longest wait for the answer of a token endpoint.
    public var exchangeTimeout: Duration = .seconds(15)
    /// After how long another process may refresh a connection whose refresher has died; extended meanwhile.
    public var leaseDuration: Duration = .seconds(30)
    /// Connections that one process refreshes at once.
    public var concurrency = 8
    /// Connections that may wait to be refreshed in one process.
    public var waitingMax = 10_000
    /// How often connections that are due are looked for.
    public var sweepInterval: Duration = .seconds(15)
    /// How long a sweep tries a connection before it leaves it to a later one.
    public var sweepPatience: Duration = .seconds(30)
    /// How long new tokens that the database does not take are tried again, before they are lost.
    public var commitPatience: Duration = .seconds(60)
    /// How long a user may take to authorize.
    public var authorizationLifetime: Duration = .seconds(600)

    public init() {}
}
