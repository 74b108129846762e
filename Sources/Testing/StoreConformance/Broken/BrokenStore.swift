import MartletCore
import Synchronization

/// A store with one known defect, made by handing wrong calls to a right store or wrong answers to the caller. What a suite that passes
/// it is worth can be read off which of its checks fails.
public final class BrokenStore: RelayingStore {
    public let base: any Store
    public let defect: StoreDefect
    private let memory = Mutex(Memory())

    /// What some defects have to remember.
    private struct Memory {
        var overwritten: [JobID: [String: NewStep]] = [:]
        var isPaused: Set<String> = []
        var enqueued = 0
    }

    public init(_ base: any Store, _ defect: StoreDefect) {
        self.base = base
        self.defect = defect
    }

    public func relay<Answer>(_ call: () async throws(StoreError) -> Answer) async throws(StoreError) -> Answer { try await call() }

    public func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        switch defect {
        case .leaksKeys: return try await base.enqueue(jobs.map { $0.changed { $0.key?.scope = .forever } })
        case .forgetsKeys: return try await base.enqueue(jobs.map { $0.changed { $0.key = nil } })
        case .forgetsPriorities: return try await base.enqueue(jobs.map { $0.changed { $0.priority = .standard } })
        case .forgetsTenants: return try await base.enqueue(jobs.map { $0.changed { $0.tenant = "" } })
        case .failsWholeBatches:
            guard let fault = jobs.lazy.compactMap(\.fault).first else { return try await base.enqueue(jobs) }
            return jobs.map { _ in .refused(fault) }
        case .losesJobs: return try await losing(jobs)
        case .forgetsHistories: return try await base.enqueue(jobs.map { $0.changed { $0.history = nil } })
        default: return try await base.enqueue(jobs)
        }
    }

    public func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed {
        var plan = plan
        if defect == .claimsUnknownKinds { plan.kinds = nil }
        if defect == .exceedsTheLimit { plan.limit += 1 }
        var claimed = try await base.claim(plan)
        if defect == .asksBackAtOnce, claimed.jobs.isEmpty { claimed.nextDue = .zero }
        if defect == .keepsEpochs {
            for index in claimed.jobs.indices { claimed.jobs[index].job.epoch = 1 }
        }
        return claimed
    }

    public func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal {
        var heartbeat = heartbeat
        if defect == .ignoresDepartures { heartbeat.departed = [] }
        var renewal = try await base.renew(heartbeat)
        if defect == .hidesCancellations { renewal.cancelRequested = [] }
        return renewal
    }

    public func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] {
        let lease = defect == .forgetsEpochs ? try await current(lease) : lease
        if defect == .forgetsIntents {
            return try await base.record(steps.map { NewStep(name: $0.name, result: $0.result) }, under: lease)
        }
        if defect == .recordsStepByStep {
            var stored: [Step] = []
            for step in steps { stored += try await base.record([step], under: lease) }
            return stored
        }
        let stored = try await base.record(steps, under: lease)
        guard defect == .overwritesSteps else { return stored }
        memory.withLock { memory in
            for step in steps { memory.overwritten[lease.job, default: [:]][step.name] = step }
        }
        return overwritten(stored, of: lease.job)
    }

    public func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] {
        var answers: [SettleResult] = []
        for settlement in settlements { answers.append(try await settle(settlement)) }
        return answers
    }

    public func cancel(_ job: JobID) async throws(StoreError) -> JobRecord {
        do throws(StoreError) {
            return try await base.cancel(job)
        } catch {
            guard defect == .leavesFinished, case .wrongPhase = error else { throw error }
            return try await base.revive(job)
        }
    }

    public func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        switch defect {
        case .forgetsEpochs: return try await base.append(events.map { $0.changed { $0.lease = nil } })
        case .repeatsEvents: return try await base.append(events + events)
        case .renumbersEvents: return try await base.append(events.map { $0.changed { $0.history = nil } })
        case .losesTypes: return try await base.append(events.map { $0.changed { $0.type += "!" } })
        default: return try await base.append(events)
        }
    }

    public func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        var page = try await base.read(stream, after: after, limit: limit)
        if defect == .dropsEventNumbers { page.events.removeAll { $0.sequence == 2 } }
        return page
    }

    public func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? {
        var trigger = trigger
        if defect == .ignoresFilters, case .topic(let stream, _) = trigger?.schedule {
            trigger?.schedule = .topic(stream: stream, filter: EventFilter())
        }
        if defect == .restartsTriggers { trigger?.history = nil }
        return try await base.put(trigger, named: name)
    }

    public func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult {
        let result = try await base.fire(plan)
        guard defect == .firesTwice, result == .stale else { return result }
        return .fired(try await base.enqueue(plan.firing.map { $0.job.changed { $0.trigger = plan.trigger } }))
    }

    public func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState {
        switch (defect, change) {
        case (.ignoresLimits, .policy(var policy)):
            policy.concurrency = nil
            policy.perTenant = nil
            return try await base.set(queue, .policy(policy))
        case (.ignoresRates, .policy(var policy)):
            policy.rate = nil
            return try await base.set(queue, .policy(policy))
        case (.ignoresPauses, .paused): return try await base.set(queue, .paused(false))
        default: return try await base.set(queue, change)
        }
    }

    public func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult {
        let result = try await base.take(count, from: bucket, rate)
        return defect == .overdrawsBuckets ? .taken : result
    }

    public func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult {
        let result = try await base.acquire(name, owner: owner, for: ttl)
        if defect == .keepsEpochs, case .granted = result { return .granted(epoch: 1) }
        return result
    }

    public func job(_ id: JobID) async throws(StoreError) -> JobDetail? {
        var detail = try await base.job(id)
        if defect == .overwritesSteps, let steps = detail?.steps { detail?.steps = overwritten(steps, of: id) }
        return detail
    }

    public func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult {
        try await base.prune(limit: limit, eventRetention: defect == .prunesTooEarly ? .zero : eventRetention)
    }
}

extension BrokenStore {
    private func settle(_ settlement: Settlement) async throws(StoreError) -> SettleResult {
        var settlement = settlement
        switch defect {
        case .forgetsEpochs: settlement.lease = try await current(settlement.lease)
        case .losesChildren: settlement.children = []
        case .forgetsDeadlines:
            if case .waiting(var wait) = settlement.disposition {
                wait.deadline = nil
                settlement.disposition = .waiting(wait)
            }
        case .tearsSettlements:
            _ = try await base.append(settlement.events)
            settlement.events = []
        default: break
        }
        let answer = try await base.settle([settlement])[0]
        if defect == .settlesTwice, case .alreadySettled(let phase, let outcome) = answer {
            _ = try await base.append(settlement.events)
            return .settled(phase, outcome)
        }
        return answer
    }

    /// The lease that would be accepted.
    private func current(_ lease: Lease) async throws(StoreError) -> Lease {
        Lease(job: lease.job, epoch: try await base.job(lease.job)?.job.epoch ?? lease.epoch)
    }

    /// Says that every job was accepted, and forgets every third.
    private func losing(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        var answers = try await base.enqueue(jobs)
        for (index, job) in jobs.enumerated() where answers[index].job != nil {
            let number = memory.withLock { memory in
                memory.enqueued += 1
                return memory.enqueued
            }
            if number % 3 == 0, let lost = answers[index].job { answers[index] = .accepted(lost) }
            if number % 3 == 0 { _ = try await base.cancel(job.id) }
        }
        return answers
    }

    private func overwritten(_ steps: [Step], of job: JobID) -> [Step] {
        let written = memory.withLock { $0.overwritten[job] ?? [:] }
        return steps.map { step in
            var step = step
            step.result = written[step.name]?.result ?? step.result
            return step
        }
    }
}

extension NewJob {
    fileprivate func changed(_ change: (inout NewJob) -> Void) -> NewJob {
        var job = self
        change(&job)
        return job
    }
}

extension NewEvent {
    fileprivate func changed(_ change: (inout NewEvent) -> Void) -> NewEvent {
        var event = self
        change(&event)
        return event
    }
}
