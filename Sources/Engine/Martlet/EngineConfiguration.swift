/// How an engine runs. One value with defaults; nothing here is read again after `Engine.init`.
public struct EngineConfiguration: Sendable {
    /// What this process does besides accepting jobs.
    public enum Role: String, Sendable, CaseIterable {
        /// Runs jobs.
        case worker
        /// Fires time triggers and removes what retention says.
        case triggers
    }

    public var roles: Set<Role> = [.worker, .triggers]
    /// This incarnation of this process.
    public var node: NodeID
    /// Jobs of the default pool running at once in this process.
    public var concurrency = 64
    /// Jobs running at once in pools that handlers name.
    public var pools: [String: Int] = [:]
    /// The queues to take from, with how many jobs of each may run here at once; `nil` is every queue.
    public var queues: [String: Int]?
    /// How long one attempt may run where neither the job nor its handler says.
    public var timeout: Duration = .seconds(3600)
    /// How long jobs may finish by themselves when the engine stops, before they are cancelled and requeued.
    public var grace: Duration = .seconds(25)
    /// How long cancelled jobs may take to return; after that their leases are left to expire.
    public var cancellationLimit: Duration = .seconds(5)
    /// How often a node that holds work says so.
    public var heartbeat: Duration = .seconds(3)
    /// How long that word is good.
    public var leaseDuration: Duration = .seconds(10)
    /// How long a runner that found nothing goes without asking the store, and up to five times that while it goes on finding nothing; wake-ups
    /// that all get lost cost this much latency.
    public var pollInterval: Duration = .seconds(2)
    /// How often triggers that other processes changed are looked for where anything happens; six times that where nothing does.
    public var triggerInterval: Duration = .seconds(5)
    /// How long events of streams that belong to no job are kept.
    public var eventRetention: Duration = .seconds(7 * 86_400)
    /// How often finished jobs are looked at for removal.
    public var pruneInterval: Duration = .seconds(60)
    /// The delays between the attempts of a job whose handler has no policy of its own.
    public var retry = RetryPolicy()

    public init(node: NodeID) {
        self.node = node
    }
}
