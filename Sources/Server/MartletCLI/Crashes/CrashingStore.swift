import MartletCore

/// A store that ends the process at a chosen operation; see `CrashPoint`.
struct CrashingStore: Store {
    private let store: any Store
    private let point: CrashPoint

    init(_ store: any Store, _ point: CrashPoint) {
        self.store = store
        self.point = point
    }

    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        point.pass(.beforeEnqueue)
        let answers = try await store.enqueue(jobs)
        point.pass(.afterEnqueue)
        return answers
    }

    func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed {
        point.pass(.beforeClaim)
        let claimed = try await store.claim(plan)
        if !claimed.jobs.isEmpty { point.pass(.afterClaim) }
        return claimed
    }

    func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal {
        point.pass(.beforeRenew)
        let renewal = try await store.renew(heartbeat)
        point.pass(.afterRenew)
        return renewal
    }

    func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] {
        point.pass(.beforeRecord)
        let stored = try await store.record(steps, under: lease)
        point.pass(.afterRecord)
        return stored
    }

    func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] {
        point.pass(.beforeSettle)
        let results = try await store.settle(settlements)
        point.pass(.afterSettle)
        return results
    }

    func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        point.pass(.beforeAppend)
        let answers = try await store.append(events)
        point.pass(.afterAppend)
        return answers
    }

    func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult {
        point.pass(.beforeFire)
        let result = try await store.fire(plan)
        point.pass(.afterFire)
        return result
    }

    func cancel(_ job: JobID) async throws(StoreError) -> JobRecord { try await store.cancel(job) }
    func revive(_ job: JobID) async throws(StoreError) -> JobRecord { try await store.revive(job) }

    func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        try await store.read(stream, after: after, limit: limit)
    }

    func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? { try await store.put(trigger, named: name) }
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
