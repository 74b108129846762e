import MartletCore

/// A store that tells when a stream is read.
struct CountedStore: Store {
    let store: MemoryStore
    let onRead: @Sendable () -> Void

    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] { try await store.enqueue(jobs) }
    func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed { try await store.claim(plan) }
    func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal { try await store.renew(heartbeat) }
    func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] { try await store.record(steps, under: lease) }
    func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] { try await store.settle(settlements) }
    func cancel(_ job: JobID) async throws(StoreError) -> JobRecord { try await store.cancel(job) }
    func revive(_ job: JobID) async throws(StoreError) -> JobRecord { try await store.revive(job) }
    func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] { try await store.append(events) }
    func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        onRead()
        return try await store.read(stream, after: after, limit: limit)
    }
    func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? { try await store.put(trigger, named: name) }
    func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult { try await store.fire(plan) }
    func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState { try await store.set(queue, change) }
    func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult {
        try await store.take(count, from: bucket, rate)
    }
    func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult {
        try await store.acquire(name, owner: owner, for: ttl)
    }
    func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool { try await store.release(name, epoch: epoch) }
    func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage { try await store.jobs(query) }
    func job(_ id: JobID) async throws(StoreError) -> JobDetail? { try await store.job(id) }
    func overview() async throws(StoreError) -> Overview { try await store.overview() }
    func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult {
        try await store.prune(limit: limit, eventRetention: eventRetention)
    }
    func wakeups() -> AsyncStream<Wakeup> { store.wakeups() }
}
