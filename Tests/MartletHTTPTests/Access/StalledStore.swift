import MartletCore
import Synchronization

/// A store whose list of jobs is held up until a gate opens.
struct StalledStore: Store {
    final class Gate: Sendable {
        private let state = Mutex<(isOpen: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

        func pass() async {
            await withCheckedContinuation { waiter in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiters.append(waiter) }
                    return state.isOpen
                }
                if isOpen { waiter.resume() }
            }
        }

        func open() {
            let waiters = state.withLock { state in
                defer { state = (true, []) }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }
    }

    private let memory: MemoryStore
    private let gate: Gate

    init(_ memory: MemoryStore, _ gate: Gate) {
        (self.memory, self.gate) = (memory, gate)
    }

    func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage {
        await gate.pass()
        return try await memory.jobs(query)
    }

    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] { try await memory.enqueue(jobs) }
    func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed { try await memory.claim(plan) }
    func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal { try await memory.renew(heartbeat) }
    func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] { try await memory.record(steps, under: lease) }
    func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] { try await memory.settle(settlements) }
    func cancel(_ job: JobID) async throws(StoreError) -> JobRecord { try await memory.cancel(job) }
    func revive(_ job: JobID) async throws(StoreError) -> JobRecord { try await memory.revive(job) }
    func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] { try await memory.append(events) }
    func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        try await memory.read(stream, after: after, limit: limit)
    }
    func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? { try await memory.put(trigger, named: name) }
    func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult { try await memory.fire(plan) }
    func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState { try await memory.set(queue, change) }
    func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult {
        try await memory.take(count, from: bucket, rate)
    }
    func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult {
        try await memory.acquire(name, owner: owner, for: ttl)
    }
    func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool { try await memory.release(name, epoch: epoch) }
    func job(_ id: JobID) async throws(StoreError) -> JobDetail? { try await memory.job(id) }
    func overview() async throws(StoreError) -> Overview { try await memory.overview() }
    func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult {
        try await memory.prune(limit: limit, eventRetention: eventRetention)
    }
    func wakeups() -> AsyncStream<Wakeup> { memory.wakeups() }
}
