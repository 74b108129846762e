/// The bounds of one cache in one process.
public struct CacheLimits: Sendable, Hashable {
    /// Bytes of keys and values kept in memory; the least recently used make room.
    public var bytes = 32 << 20
    public var entries = 10_000
    /// A larger value is handed to its callers and not kept.
    public var valueBytes = 1 << 20
    /// Computations under way or waiting for their turn.
    public var flights = 1000
    /// Callers that wait for one.
    public var waiters = 20_000
    /// How often this process asks what others have invalidated. A value is never served later than a second after another process has
    /// invalidated it: where the answer is older than that, it is asked for before anything is served.
    public var hearingInterval: Duration = .milliseconds(750)

    static let keyBytes = 512
    static let hearingMax: Duration = .seconds(1)

    public init() {}
}
