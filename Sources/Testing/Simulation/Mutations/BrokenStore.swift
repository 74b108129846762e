import MartletCore
import Synchronization

/// A store that is right in everything but one.
struct BrokenStore: Store {
    /// What the fault has to remember.
    final class Memory: Sendable {
        private let state = Mutex((count: 0, nodes: Set<NodeID>()))

        /// `true` at every `n`th call.
        func every(_ n: Int) -> Bool {
            state.withLock { state in
                state.count += 1
                return state.count % n == 0
            }
        }

        func saw(_ node: NodeID) { state.withLock { _ = $0.nodes.insert(node) } }
        var nodes: [NodeID] { state.withLock { $0.nodes.sorted() } }
    }

    let base: any Store
    let mutation: Mutation
    let memory = Memory()

    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        if mutation == .failsBatches, let fault = jobs.lazy.compactMap(\.fault).first { return jobs.map { _ in .refused(fault) } }
        guard mutation == .losesJobs && memory.every(4) || mutation == .losesChildren else { return try await base.enqueue(jobs) }
        let answers = try await base.enqueue(jobs.map { mutation == .losesJobs || $0.parent != nil ? Self.swallowed($0) : $0 })
        return zip(jobs, answers).map { job, answer in
            guard case .accepted(var record) = answer else { return answer }
            record.id = job.id
            return .accepted(record)
        }
    }

    /// The same job under a name nobody looks for, of a kind nobody runs, without its parent.
    private static func swallowed(_ job: NewJob) -> NewJob {
        var job = job
        job.id = JobID(high: job.id.high, low: job.id.low ^ 1)
        if job.fault == nil { job.kind = Recipe.unknown.kind }
        job.parent = nil
        return job
    }

    func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed {
        var plan = plan
        if mutation == .handsOutAnything { plan.kinds = nil }
        if mutation == .neverExpires {
            memory.saw(plan.node)
            for node in memory.nodes { _ = try await base.renew(Heartbeat(node: node)) }
        }
        var claimed = try await base.claim(plan)
        switch mutation {
        case .repeatsEpochs: for index in claimed.jobs.indices { claimed.jobs[index].job.epoch = 1 }
        case .rewritesSteps: claimed.jobs = claimed.jobs.map(Self.rewritten)
        case .losesWakeupsAndPolls: claimed.nextDue = nil
        case .blamesEverybody:
            for job in claimed.jobs where job.job.deaths > 0 {
                _ = try await base.settle([Settlement(job.lease, .failed(.crashed(job.job.deaths), retryAfter: nil))])
            }
            claimed.jobs.removeAll { $0.job.deaths > 0 }
        default: break
        }
        return claimed
    }

    private static func rewritten(_ claimed: ClaimedJob) -> ClaimedJob {
        var claimed = claimed
        for index in claimed.steps.indices { claimed.steps[index].recordedAt = claimed.steps[index].recordedAt + .seconds(1) }
        return claimed
    }

    func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal { try await base.renew(heartbeat) }

    func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] {
        if mutation == .forgetsSteps || mutation == .forgetsIntents && steps.allSatisfy({ $0.state == .intended }) {
            return steps.map { Step(name: $0.name, state: $0.state, result: $0.result, recordedAt: .epoch) }
        }
        return try await base.record(steps, under: try await current(lease))
    }

    func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] {
        var settlements = settlements
        for index in settlements.indices {
            settlements[index].lease = try await current(settlements[index].lease)
            if mutation == .dropsSettledEvents { settlements[index].events = [] }
            if mutation == .dropsSettledSteps { settlements[index].steps = [] }
        }
        let results = try await base.settle(settlements)
        guard mutation == .resurrects, memory.every(3) else { return results }
        for (settlement, result) in zip(settlements, results) {
            if case .settled(.finished, _) = result { _ = try await base.revive(settlement.lease.job) }
        }
        return results
    }

    /// Whatever lease is the current one, in place of the one that was brought.
    private func current(_ lease: Lease) async throws(StoreError) -> Lease {
        guard mutation == .forgetsEpochs, let job = try await base.job(lease.job)?.job else { return lease }
        return Lease(job: job.id, epoch: job.epoch)
    }

    func cancel(_ job: JobID) async throws(StoreError) -> JobRecord { try await base.cancel(job) }
    func revive(_ job: JobID) async throws(StoreError) -> JobRecord { try await base.revive(job) }
    func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] { try await base.append(events) }

    func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        var page = try await base.read(stream, after: after, limit: limit)
        if mutation == .skipsEvents, page.events.count > 1 { page.events.removeFirst() }
        return page
    }

    func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? { try await base.put(trigger, named: name) }

    func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult {
        let result = try await base.fire(plan)
        if mutation == .firesTwice, case .fired(let answers) = result {
            for case .accepted(let job) in answers {
                guard let firing = plan.firing.first(where: { $0.job.id == job.id }) else { continue }
                var again = firing.job
                again.id = JobID(high: job.id.high, low: job.id.low ^ 1)
                again.tenant = "again"
                _ = try await base.enqueue([again])
            }
        }
        return result
    }

    func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState {
        guard case .policy(var policy) = change else { return try await base.set(queue, change) }
        if mutation == .ignoresLimits { (policy.concurrency, policy.perTenant) = (nil, nil) }
        if mutation == .ignoresRates { policy.rate = nil }
        return try await base.set(queue, .policy(policy))
    }

    func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult {
        try await base.take(count, from: bucket, rate)
    }

    func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult {
        try await base.acquire(name, owner: owner, for: ttl)
    }

    func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool { try await base.release(name, epoch: epoch) }
    func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage { try await base.jobs(query) }
    func job(_ id: JobID) async throws(StoreError) -> JobDetail? { try await base.job(id) }
    func overview() async throws(StoreError) -> Overview { try await base.overview() }

    func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult {
        try await base.prune(limit: limit, eventRetention: eventRetention)
    }

    func wakeups() -> AsyncStream<Wakeup> {
        guard mutation == .losesWakeupsAndPolls else { return base.wakeups() }
        return AsyncStream { $0.finish() }
    }
}
