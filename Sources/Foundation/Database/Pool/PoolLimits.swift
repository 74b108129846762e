/// The bounds that a pool keeps.
struct PoolLimits: Sendable {
    var size: Int
    /// The longest wait for a connection.
    var wait: Duration
    /// Callers that wait at once; one more is refused at once.
    var waitersMax = 10_000
    /// A connection that has not been heard of for so long is asked whether it lives, before it is handed out and while it idles.
    var checkInterval: Duration
    /// A connection that has idled for so long is closed.
    var idleMax: Duration
}
