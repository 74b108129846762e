/// What a cache has done since it was made, in this process.
public struct CacheStatistics: Sendable, Hashable {
    /// Answered from memory, in time.
    public var hits = 0
    /// Callers that had to wait for a value, whoever computed it.
    public var misses = 0
    /// Of the misses: those who joined a computation that was under way.
    public var joined = 0
    /// Answered with a value past its time, because its computation had failed.
    public var stale = 0
    /// Computations in this process.
    public var computations = 0
    /// Of the computations: those begun before their value's time was over.
    public var earlyRefreshes = 0
    /// Computations that threw.
    public var failures = 0
    /// Values that another process had computed.
    public var shared = 0
    /// Values that came too late to be written: another computation had begun meanwhile, or the key was invalidated.
    public var refused = 0
    /// Entries that made room for others.
    public var evictions = 0
    /// Invalidations heard of, from this process and others.
    public var invalidations = 0
    /// Entries in memory now.
    public var entries = 0
    /// Their bytes, keys included.
    public var bytes = 0

    public init() {}

    /// Of all answers, those from memory in time; zero where there was none.
    public var hitRatio: Double {
        let all = hits + misses + stale
        return all == 0 ? 0 : Double(hits) / Double(all)
    }
}
