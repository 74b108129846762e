import MartletCore

/// A store that cannot be reached.
struct UnreachableStore: Store {
    static let error = StoreError.unavailable(reason: "the disk is full", mayHaveHappened: false)

    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] { throw Self.error }
    func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed { throw Self.error }
    func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal { throw Self.error }
    func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] { throw Self.error }
    func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] { throw Self.error }
    func cancel(_ job: JobID) async throws(StoreError) -> JobRecord { throw Self.error }
    func revive(_ job: JobID) async throws(StoreError) -> JobRecord { throw Self.error }
    func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] { throw Self.error }
    func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage { throw Self.error }
    func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? { throw Self.error }
    func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult { throw Self.error }
    func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState { throw Self.error }
    func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult { throw Self.error }
    func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult { throw Self.error }
    func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool { throw Self.error }
    func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage { throw Self.error }
    func job(_ id: JobID) async throws(StoreError) -> JobDetail? { throw Self.error }
    func overview() async throws(StoreError) -> Overview { throw Self.error }
    func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult { throw Self.error }
    func wakeups() -> AsyncStream<Wakeup> { AsyncStream { $0.finish() } }
}
