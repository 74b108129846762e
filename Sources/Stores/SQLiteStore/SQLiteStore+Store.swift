import Database
import MartletCore

extension SQLiteStore: Store {
    /// Jobs removed in one transaction, so that nobody else waits long behind it.
    private static let pruneChunk = 200

    public func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        try await write { try $0.enqueue(jobs) }
    }

    public func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed {
        try await write { try $0.claim(plan) }
    }

    public func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal {
        try await write { try $0.renew(heartbeat) }
    }

    public func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] {
        try await write { try $0.record(steps, under: lease) }
    }

    public func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] {
        try await write { try $0.settle(settlements) }
    }

    public func cancel(_ job: JobID) async throws(StoreError) -> JobRecord {
        try await write { try $0.cancel(job) }
    }

    public func revive(_ job: JobID) async throws(StoreError) -> JobRecord {
        try await write { try $0.revive(job) }
    }

    public func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        try await write { try $0.append(events) }
    }

    public func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        try await read { try $0.page(of: stream, after: after, limit: limit) }
    }

    public func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? {
        try await write { try $0.put(trigger, named: name) }
    }

    public func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult {
        try await write { try $0.fire(plan) }
    }

    public func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState {
        try await write { try $0.set(queue, change) }
    }

    public func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult {
        try await write { try $0.take(count, from: bucket, rate) }
    }

    public func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult {
        try await write { try $0.acquire(name, owner: owner, for: ttl) }
    }

    public func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool {
        try await write { try $0.release(name, epoch: epoch) }
    }

    public func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage {
        try await read { try $0.page(query) }
    }

    public func job(_ id: JobID) async throws(StoreError) -> JobDetail? {
        try await read { try $0.detail(id) }
    }

    public func overview() async throws(StoreError) -> Overview {
        try await read { try $0.overview() }
    }

    public func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult {
        let limit = max(0, limit)
        var result = PruneResult(jobs: 0, events: 0, hasMore: false)
        repeat {
            let chunk = min(limit - result.jobs, Self.pruneChunk)
            let (removed, hasMore) = try await write { try $0.pruneJobs(limit: chunk) }
            result.jobs += removed
            result.hasMore = hasMore
        } while result.hasMore && result.jobs < limit
        let (removed, hasMore) = try await write { transition in
            try transition.pruneKeysAndBuckets()
            return try transition.pruneEvents(limit: limit, retention: eventRetention)
        }
        result.events = removed
        result.hasMore = result.hasMore || hasMore
        return result
    }
}
