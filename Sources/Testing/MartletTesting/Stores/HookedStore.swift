import MartletCore

/// A store with a hook before its calls: to delay them, to fail them, to count them.
package struct HookedStore: Store {
    private let base: MemoryStore
    private let losesWakeups: Bool
    private let before: @Sendable (_ call: String, _ size: Int) async throws(StoreError) -> Void

    /// - Parameter before: told each call by its name in `Store`, and how much it is about; one job looked at is not told.
    package init(
        base: MemoryStore, losesWakeups: Bool = false, before: @escaping @Sendable (_ call: String, _ size: Int) async throws(StoreError) -> Void
    ) {
        (self.base, self.losesWakeups, self.before) = (base, losesWakeups, before)
    }

    package func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        try await before("enqueue", jobs.count)
        return try await base.enqueue(jobs)
    }

    package func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed {
        try await before("claim", plan.limit)
        return try await base.claim(plan)
    }

    package func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal {
        try await before("renew", 1)
        return try await base.renew(heartbeat)
    }

    package func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] {
        try await before("record", steps.count)
        return try await base.record(steps, under: lease)
    }

    package func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] {
        try await before("settle", settlements.count)
        return try await base.settle(settlements)
    }

    package func cancel(_ job: JobID) async throws(StoreError) -> JobRecord { try await base.cancel(job) }
    package func revive(_ job: JobID) async throws(StoreError) -> JobRecord { try await base.revive(job) }

    package func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        try await before("append", events.count)
        return try await base.append(events)
    }

    package func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        try await before("read", limit)
        return try await base.read(stream, after: after, limit: limit)
    }

    package func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? { try await base.put(trigger, named: name) }
    package func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult { try await base.fire(plan) }
    package func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState { try await base.set(queue, change) }

    package func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult {
        try await base.take(count, from: bucket, rate)
    }

    package func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult {
        try await base.acquire(name, owner: owner, for: ttl)
    }

    package func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool { try await base.release(name, epoch: epoch) }

    package func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage {
        try await before("jobs", query.limit)
        return try await base.jobs(query)
    }

    package func job(_ id: JobID) async throws(StoreError) -> JobDetail? { try await base.job(id) }

    package func overview() async throws(StoreError) -> Overview {
        try await before("overview", 1)
        return try await base.overview()
    }

    package func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult {
        try await before("prune", limit)
        return try await base.prune(limit: limit, eventRetention: eventRetention)
    }

    package func wakeups() -> AsyncStream<Wakeup> { losesWakeups ? AsyncStream { $0.finish() } : base.wakeups() }
}
