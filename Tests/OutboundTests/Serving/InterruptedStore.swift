import MartletCore
import Synchronization

/// A store that can be away: then no call reaches the one behind it.
final class InterruptedStore: Store {
    let isAway = Mutex(false)
    private let base: MemoryStore

    init(_ base: MemoryStore) {
        self.base = base
    }

    private func reached() throws(StoreError) -> MemoryStore {
        if isAway.withLock({ $0 }) { throw .unavailable(reason: "away", mayHaveHappened: false) }
        return base
    }

    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] { try await reached().enqueue(jobs) }
    func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed { try await reached().claim(plan) }
    func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal { try await reached().renew(heartbeat) }
    func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] { try await reached().record(steps, under: lease) }
    func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] { try await reached().settle(settlements) }
    func cancel(_ job: JobID) async throws(StoreError) -> JobRecord { try await reached().cancel(job) }
    func revive(_ job: JobID) async throws(StoreError) -> JobRecord { try await reached().revive(job) }
    func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] { try await reached().append(events) }
    func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        try await reached().read(stream, after: after, limit: limit)
    }
    func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? { try await reached().put(trigger, named: name) }
    func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult { try await reached().fire(plan) }
    func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState { try await reached().set(queue, change) }
    func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult {
        try await reached().take(count, from: bucket, rate)
    }
    func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult {
        try await reached().acquire(name, owner: owner, for: ttl)
    }
    func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool { try await reached().release(name, epoch: epoch) }
    func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage { try await reached().jobs(query) }
    func job(_ id: JobID) async throws(StoreError) -> JobDetail? { try await reached().job(id) }
    func overview() async throws(StoreError) -> Overview { try await reached().overview() }
    func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult {
        try await reached().prune(limit: limit, eventRetention: eventRetention)
    }
    func wakeups() -> AsyncStream<Wakeup> { AsyncStream { $0.finish() } }
}
