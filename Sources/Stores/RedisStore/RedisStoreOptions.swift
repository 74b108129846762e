/// How a `RedisStore` behaves, besides its address.
public struct RedisStoreOptions: Sendable, Hashable {
    /// Whose clock decides about leases and due times.
    public enum TimeSource: Sendable, Hashable {
        /// Redis's: one clock for all nodes.
        case server
        /// The environment's: for tests with a virtual clock. Every store of the deployment must then have the same.
        case environment
    }

    /// Refuses a server that can lose what it has acknowledged, in place of a warning: one without an append-only file, or one that evicts.
    public var requiresDurable = false
    public var time = TimeSource.server

    public init() {}
}
