/// What a pool is doing, and has done since it was opened.
public struct PoolMetrics: Sendable, Hashable {
    /// The most connections there may be.
    public var size = 0
    public var inUse = 0
    public var idle = 0
    /// Connecting, or being asked whether they live.
    public var pending = 0
    /// Callers that wait for a connection now.
    public var waiters = 0
    public var leases = 0
    /// Leases that had to wait.
    public var waits = 0
    public var waitTotal: Duration = .zero
    public var waitMax: Duration = .zero
    /// Callers that gave up because their wait was over.
    public var timeouts = 0
    public var opened = 0
    public var closed = 0
    public var failedToOpen = 0

    public init() {}
}
