import MartletCore

/// A store that holds one stream, as somebody may have left it.
struct ScriptedStream: Store {
    private let events: [Event]
    private let nothing = UnreachableStore()

    init(_ events: [Event]) {
        self.events = events
    }

    func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        let page = events.filter { $0.sequence > after }.prefix(limit)
        return EventPage(events: Array(page), last: events.last?.sequence ?? 0, first: events.first?.sequence ?? 1)
    }

    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] { try await nothing.enqueue(jobs) }
    func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed { try await nothing.claim(plan) }
    func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal { try await nothing.renew(heartbeat) }
    func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] { try await nothing.record(steps, under: lease) }
    func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] { try await nothing.settle(settlements) }
    func cancel(_ job: JobID) async throws(StoreError) -> JobRecord { try await nothing.cancel(job) }
    func revive(_ job: JobID) async throws(StoreError) -> JobRecord { try await nothing.revive(job) }
    func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] { try await nothing.append(events) }
    func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? { try await nothing.put(trigger, named: name) }
    func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult { try await nothing.fire(plan) }
    func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState { try await nothing.set(queue, change) }
    func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult {
        try await nothing.take(count, from: bucket, rate)
    }
    func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult {
        try await nothing.acquire(name, owner: owner, for: ttl)
    }
    func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool { try await nothing.release(name, epoch: epoch) }
    func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage { try await nothing.jobs(query) }
    func job(_ id: JobID) async throws(StoreError) -> JobDetail? { try await nothing.job(id) }
    func overview() async throws(StoreError) -> Overview { try await nothing.overview() }
    func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult {
        try await nothing.prune(limit: limit, eventRetention: eventRetention)
    }
    func wakeups() -> AsyncStream<Wakeup> { nothing.wakeups() }
}
