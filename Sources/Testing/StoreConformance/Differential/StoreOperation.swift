import MartletCore

/// One call to a store, or a move of its clock, as a value that can be made again on another store.
public enum StoreOperation: Sendable {
    case enqueue([NewJob])
    case claim(ClaimPlan)
    case renew(Heartbeat)
    case record([NewStep], under: Lease)
    case settle([Settlement])
    case cancel(JobID)
    case revive(JobID)
    case append([NewEvent])
    case read(String, after: Int, limit: Int)
    case put(Trigger?, named: String)
    case fire(FirePlan)
    case set(String, QueueChange)
    case take(Int, from: String, Rate)
    case acquire(String, owner: String, for: Duration)
    case release(String, epoch: Int)
    case list(JobQuery)
    case look(JobID)
    case overview
    /// Until there is nothing more.
    case prune(limit: Int, eventRetention: Duration)
    /// Forwards, or backwards where it is negative.
    case wait(Duration)

    /// Makes the call; what the store throws is an answer too.
    public func answer(of store: any Store) async -> StoreAnswer {
        do throws(StoreError) {
            return try await call(store).normalised
        } catch {
            return StoreAnswer.threw(error).normalised
        }
    }

    private func call(_ store: any Store) async throws(StoreError) -> StoreAnswer {
        switch self {
        case .enqueue(let jobs): return .enqueued(try await store.enqueue(jobs))
        case .claim(let plan): return .claimed(try await store.claim(plan))
        case .renew(let heartbeat): return .renewed(try await store.renew(heartbeat))
        case .record(let steps, let lease): return .recorded(try await store.record(steps, under: lease))
        case .settle(let settlements): return .settled(try await store.settle(settlements))
        case .cancel(let job): return .job(try await store.cancel(job))
        case .revive(let job): return .job(try await store.revive(job))
        case .append(let events): return .appended(try await store.append(events))
        case .read(let stream, let after, let limit): return .page(try await store.read(stream, after: after, limit: limit))
        case .put(let trigger, let name): return .trigger(try await store.put(trigger, named: name))
        case .fire(let plan): return .fired(try await store.fire(plan))
        case .set(let queue, let change): return .queue(try await store.set(queue, change))
        case .take(let count, let bucket, let rate): return .took(try await store.take(count, from: bucket, rate))
        case .acquire(let name, let owner, let ttl): return .acquired(try await store.acquire(name, owner: owner, for: ttl))
        case .release(let name, let epoch): return .released(try await store.release(name, epoch: epoch))
        case .list(let query):
            let (records, details) = try await Self.everything(query, of: store)
            return query.isDetailed ? .detailed(details) : .listed(records)
        case .look(let job): return .detail(try await store.job(job))
        case .overview: return .overview(try await store.overview())
        case .prune(let limit, let retention): return .pruned(try await Self.pruneAll(store, limit, retention))
        case .wait: return .waited
        }
    }

    /// Where pages begin and end is each store's own affair.
    private static func everything(_ query: JobQuery, of store: any Store) async throws(StoreError) -> ([JobRecord], [JobDetail]) {
        var (query, found) = (query, ([JobRecord](), [JobDetail]()))
        while true {
            let page = try await store.jobs(query)
            found.0 += page.jobs
            found.1 += page.details
            guard let next = page.next else { return found }
            query.before = next
        }
    }

    /// Which of many old jobs go first is each store's own affair.
    private static func pruneAll(_ store: any Store, _ limit: Int, _ retention: Duration) async throws(StoreError) -> PruneResult {
        var total = PruneResult(jobs: 0, events: 0, hasMore: true)
        while total.hasMore {
            let result = try await store.prune(limit: limit, eventRetention: retention)
            total = PruneResult(jobs: total.jobs + result.jobs, events: total.events + result.events, hasMore: result.hasMore)
        }
        return total
    }
}
