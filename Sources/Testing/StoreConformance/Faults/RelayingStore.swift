import MartletCore

/// A store that hands every call on to another one, through one place where it can do something about it.
public protocol RelayingStore: Store {
    var base: any Store { get }

    /// Makes the call, or does not, or makes it twice.
    func relay<Answer>(_ call: () async throws(StoreError) -> Answer) async throws(StoreError) -> Answer
}

extension RelayingStore {
    public func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        try await relay { () throws(StoreError) in try await base.enqueue(jobs) }
    }

    public func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed {
        try await relay { () throws(StoreError) in try await base.claim(plan) }
    }

    public func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal {
        try await relay { () throws(StoreError) in try await base.renew(heartbeat) }
    }

    public func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] {
        try await relay { () throws(StoreError) in try await base.record(steps, under: lease) }
    }

    public func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] {
        try await relay { () throws(StoreError) in try await base.settle(settlements) }
    }

    public func cancel(_ job: JobID) async throws(StoreError) -> JobRecord {
        try await relay { () throws(StoreError) in try await base.cancel(job) }
    }

    public func revive(_ job: JobID) async throws(StoreError) -> JobRecord {
        try await relay { () throws(StoreError) in try await base.revive(job) }
    }

    public func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        try await relay { () throws(StoreError) in try await base.append(events) }
    }

    public func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        try await relay { () throws(StoreError) in try await base.read(stream, after: after, limit: limit) }
    }

    public func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? {
        try await relay { () throws(StoreError) in try await base.put(trigger, named: name) }
    }

    public func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult {
        try await relay { () throws(StoreError) in try await base.fire(plan) }
    }

    public func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState {
        try await relay { () throws(StoreError) in try await base.set(queue, change) }
    }

    public func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult {
        try await relay { () throws(StoreError) in try await base.take(count, from: bucket, rate) }
    }

    public func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult {
        try await relay { () throws(StoreError) in try await base.acquire(name, owner: owner, for: ttl) }
    }

    public func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool {
        try await relay { () throws(StoreError) in try await base.release(name, epoch: epoch) }
    }

    public func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage {
        try await relay { () throws(StoreError) in try await base.jobs(query) }
    }

    public func job(_ id: JobID) async throws(StoreError) -> JobDetail? {
        try await relay { () throws(StoreError) in try await base.job(id) }
    }

    public func overview() async throws(StoreError) -> Overview {
        try await relay { () throws(StoreError) in try await base.overview() }
    }

    public func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult {
        try await relay { () throws(StoreError) in try await base.prune(limit: limit, eventRetention: eventRetention) }
    }

    public func wakeups() -> AsyncStream<Wakeup> { base.wakeups() }
}
