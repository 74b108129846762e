/// A sign of life.
public struct Heartbeat: Sendable, Hashable {
    public var node: NodeID
    public var ttl: Duration
    /// Single leases to extend (those claimed with `sharesLiveness: false`).
    public var leases: [Lease]
    /// Nodes that the caller has seen to be dead (same host, process gone): their jobs need not wait for the expiry.
    public var departed: [NodeID]
    /// `true` where the node is about to go and holds nothing: its row is removed.
    public var isLast: Bool

    public init(node: NodeID, ttl: Duration = .seconds(10), leases: [Lease] = [], departed: [NodeID] = [], isLast: Bool = false) {
        self.node = node
        self.ttl = ttl
        self.leases = leases
        self.departed = departed
        self.isLast = isLast
    }
}

public struct Renewal: Sendable, Hashable {
    public enum LeaseState: Sendable, Hashable {
        case held
        case cancelRequested
        case lost
    }

    /// See `Claimed.generation`; 0 where the node holds nothing and has no row.
    public var generation: Int
    /// In the order of `Heartbeat.leases`.
    public var leases: [LeaseState]
    /// Jobs of this node that somebody asked to stop.
    public var cancelRequested: [Lease]
    /// Every node that has a row, for whoever can tell which processes are gone.
    public var nodes: [NodeID]

    public init(generation: Int, leases: [LeaseState], cancelRequested: [Lease], nodes: [NodeID]) {
        self.generation = generation
        self.leases = leases
        self.cancelRequested = cancelRequested
        self.nodes = nodes
    }
}
