import MartletCore
import MartletTesting

/// One node's way to the store they all share: late, failing before or after the effect, cut off. The effect itself happens where no
/// crash reaches it, one at a time, and is observed there.
struct SimulatedStore: Store {
    let who: String
    let link: Link
    let shared: SharedStore
    let dice: Dice

    private func call<Answer: Sendable>(
        _ name: String, _ effect: @Sendable (any Store) async throws(StoreError) -> Answer,
        _ observe: @Sendable (Answer) -> Observation?, _ text: (Answer) -> String
    ) async throws(StoreError) -> Answer {
        let noise = shared.noise
        try await approach(name, noise)
        let answer: Answer
        do throws(StoreError) {
            answer = try await shared.perform(effect, observe)
        } catch {
            shared.trace.add(who, "\(name) threw \(error)")
            throw error
        }
        shared.trace.add(who, "\(name) \(text(answer))")
        await delay(noise)
        if link.isCut { throw Self.cutOff }
        if dice.chance(noise.failAfter), name != "claim" || noise.losesClaims {
            shared.trace.add(who, "\(name) answer lost")
            throw .unavailable(reason: "the answer was lost", mayHaveHappened: true)
        }
        return answer
    }

    private static let cutOff = StoreError.unavailable(reason: "this process is gone", mayHaveHappened: false)

    private func approach(_ name: String, _ noise: Noise) async throws(StoreError) {
        if link.isCut { throw Self.cutOff }
        await delay(noise)
        if link.isIsolated {
            await shared.clock.pass(.milliseconds(300))
            shared.trace.add(who, "\(name) has no way through")
            throw .unavailable(reason: "no route to the store", mayHaveHappened: dice.chance(500))
        }
        if dice.chance(noise.failBefore) {
            shared.trace.add(who, "\(name) failed")
            throw .unavailable(reason: "the store is not well", mayHaveHappened: dice.chance(500))
        }
        if link.isCut { throw Self.cutOff }
    }

    private func delay(_ noise: Noise) async {
        if dice.chance(noise.slow) {
            await shared.clock.pass(dice.milliseconds(100...2000))
        } else if noise.latencyMax > .zero, dice.chance(500) {
            await shared.clock.pass(.microseconds(Int64(dice.below(Int(noise.latencyMax.microseconds) + 1))))
        }
    }

    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        try await call("enqueue", { store throws(StoreError) in try await store.enqueue(jobs) }, { .enqueued(jobs, $0) }) { answers in
            answers.map { $0.job.map { shared.trace.name($0.id) } ?? "refused" }.joined(separator: " ")
        }
    }

    func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed {
        try await call("claim", { store throws(StoreError) in try await store.claim(plan) }, { .claimed(plan, $0) }) { claimed in
            claimed.jobs.map { "\(shared.trace.name($0.job.id)):\($0.job.kind) e\($0.job.epoch) a\($0.job.attempt)" }.joined(separator: " ")
        }
    }

    func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal {
        try await call("renew", { store throws(StoreError) in try await store.renew(heartbeat) }, { _ in nil }) { renewal in
            "g\(renewal.generation) " + renewal.cancelRequested.map { "cancel \(shared.trace.name($0.job))" }.joined(separator: " ")
        }
    }

    func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] {
        try await call(
            "record", { store throws(StoreError) in try await store.record(steps, under: lease) }, { .recorded(steps, lease, $0) }
        ) { _ in "\(shared.trace.name(lease.job)) e\(lease.epoch) \(steps.map { "\($0.name) \($0.state)" }.joined(separator: " "))" }
    }

    func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] {
        try await call("settle", { store throws(StoreError) in try await store.settle(settlements) }, { .settled(settlements, $0) }) { results in
            zip(settlements, results).map { "\(shared.trace.name($0.lease.job)) e\($0.lease.epoch) \($1.word)" }.joined(separator: ", ")
        }
    }

    func cancel(_ job: JobID) async throws(StoreError) -> JobRecord {
        try await call("cancel", { store throws(StoreError) in try await store.cancel(job) }, { .cancelled($0) }) {
            "\(shared.trace.name(job)) \($0.phase)"
        }
    }

    func revive(_ job: JobID) async throws(StoreError) -> JobRecord {
        try await call("revive", { store throws(StoreError) in try await store.revive(job) }, { .revived($0) }) { _ in shared.trace.name(job) }
    }

    func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        try await call("append", { store throws(StoreError) in try await store.append(events) }, { .appended(events, $0) }) { _ in
            events.map(\.type).joined(separator: " ")
        }
    }

    func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        try await call("read", { store throws(StoreError) in try await store.read(stream, after: after, limit: limit) }, { _ in nil }) {
            "after \(after): \($0.events.count) of \($0.last)"
        }
    }

    func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? {
        try await call("put", { store throws(StoreError) in try await store.put(trigger, named: name) }, { _ in nil }) { _ in name }
    }

    func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult {
        try await call("fire", { store throws(StoreError) in try await store.fire(plan) }, { .fired(plan, $0) }) {
            "\(plan.trigger) \(plan.firing.count) slots: \($0.word)"
        }
    }

    func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState {
        try await call("set", { store throws(StoreError) in try await store.set(queue, change) }, { _ in nil }) { _ in queue }
    }

    func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult {
        try await call("take", { store throws(StoreError) in try await store.take(count, from: bucket, rate) }, { _ in nil }) { _ in bucket }
    }

    func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult {
        try await call("acquire", { store throws(StoreError) in try await store.acquire(name, owner: owner, for: ttl) }, { _ in nil }) { _ in name }
    }

    func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool {
        try await call("release", { store throws(StoreError) in try await store.release(name, epoch: epoch) }, { _ in nil }) { _ in name }
    }

    func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage {
        try await call("jobs", { store throws(StoreError) in try await store.jobs(query) }, { _ in nil }) { "\($0.jobs.count)" }
    }

    func job(_ id: JobID) async throws(StoreError) -> JobDetail? {
        try await call("job", { store throws(StoreError) in try await store.job(id) }, { _ in nil }) { _ in shared.trace.name(id) }
    }

    func overview() async throws(StoreError) -> Overview {
        try await call("overview", { store throws(StoreError) in try await store.overview() }, { _ in nil }) { "\($0.triggers.count) triggers" }
    }

    func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult {
        try await call(
            "prune", { store throws(StoreError) in try await store.prune(limit: limit, eventRetention: eventRetention) }, { _ in nil }
        ) { "\($0.jobs)" }
    }

    /// The shared store's, some of them lost.
    func wakeups() -> AsyncStream<Wakeup> {
        let (shared, link, dice) = (shared, link, dice)
        let all = shared.base.wakeups()
        return AsyncStream {
            for await wakeup in all where !link.isCut && !link.isIsolated && !dice.chance(shared.noise.lostWakeups) { return wakeup }
            return nil
        }
    }
}

extension SettleResult {
    fileprivate var word: String {
        switch self {
        case .settled(let phase, let outcome): "\(phase) \(outcome.map { "\($0)" } ?? "")"
        case .alreadySettled: "already settled"
        case .refused: "refused"
        }
    }
}

extension FireResult {
    fileprivate var word: String {
        switch self {
        case .fired(let answers): "\(answers.count { $0?.job != nil }) jobs"
        case .stale: "stale"
        case .early: "early"
        }
    }
}
