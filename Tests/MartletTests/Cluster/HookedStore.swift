import MartletCore

/// A store with a hook before each call: to delay it, to fail it, to count it.
struct HookedStore: Store {
    let base: MemoryStore
    var losesWakeups = false
    let before: @Sendable (_ call: String, _ size: Int) async throws(StoreError) -> Void

    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        try await before("enqueue", jobs.count)
        return try await base.enqueue(jobs)
    }

    func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed {
        try await before("claim", plan.limit)
        return try await base.claim(plan)
    }

    func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal {
        try await before("renew", 1)
        return try await base.renew(heartbeat)
    }

    func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] {
        try await before("record", steps.count)
        return try await base.record(steps, under: lease)
    }

    func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] {
        try await before("settle", settlements.count)
        return try await base.settle(settlements)
    }

    func cancel(_ job: JobID) async throws(StoreError) -> JobRecord { try await base.cancel(job) }
    func revive(_ job: JobID) async throws(StoreError) -> JobRecord { try await base.revive(job) }

    func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        try await before("append", events.count)
        return try await base.append(events)
    }

    func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        try await base.read(stream, after: after, limit: limit)
    }

    func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? { try await base.put(trigger, named: name) }
    func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult { try await base.fire(plan) }
    func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState { try await base.set(queue, change) }

    func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult {
        try await base.take(count, from: bucket, rate)
    }

    func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult {
        try await base.acquire(name, owner: owner, for: ttl)
    }

    func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool { try await base.release(name, epoch: epoch) }
    func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage { try await base.jobs(query) }
    func job(_ id: JobID) async throws(StoreError) -> JobDetail? { try await base.job(id) }

    func overview() async throws(StoreError) -> Overview {
        try await before("overview", 1)
        return try await base.overview()
    }

    func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult {
        try await before("prune", limit)
        return try await base.prune(limit: limit, eventRetention: eventRetention)
    }

    func wakeups() -> AsyncStream<Wakeup> { losesWakeups ? AsyncStream { $0.finish() } : base.wakeups() }
}
