/// How long a value is good for, and what happens when it is not.
public struct CachePolicy: Sendable, Hashable {
    /// How long a value is served without asking again.
    public var ttl: Duration
    /// The same for the answer that there is nothing.
    public var negativeTTL: Duration
    /// How long past its time a value is still served where its computation fails; zero serves the error.
    public var staleFor: Duration = .zero
    /// After a failure behind which a stale value was served: how long that value is served before the computation is tried again.
    public var errorPause: Duration = .seconds(5)
    /// How eagerly a value is renewed before its time; see `EarlyRefresh`. Zero never does.
    public var eagerness = 1.0
    /// The longest time of one computation, which is then cancelled.
    public var timeout: Duration = .seconds(300)

    /// - Parameter negativeTTL: a tenth of `ttl` where nothing is said.
    public init(ttl: Duration, negativeTTL: Duration? = nil) {
        precondition(ttl > .zero, "a value that is good for no time is not cached")
        self.ttl = ttl
        self.negativeTTL = negativeTTL ?? ttl / 10
    }

    func ttl(of value: [UInt8]?) -> Duration { value == nil ? negativeTTL : ttl }
}
