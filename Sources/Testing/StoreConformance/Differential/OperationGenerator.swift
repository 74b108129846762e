import MartletCore

/// Makes up the next operation from a seed and from what the reference has answered so far. The pools are small, so that operations
/// meet: the same keys, the same queues, jobs of jobs.
struct OperationGenerator {
    static let kinds = ["a", "b", "c"]
    static let queues = ["q1", "q2", "q3"]
    static let tenants = ["", "t1", "t2"]
    static let nodes = ["n1", "n2", "n3"].map { NodeID($0) }
    static let streams = ["s1", "s2"]
    /// Streams that come from elsewhere.
    static let adoptedStreams = ["s3", "s4"]
    static let types = ["x", "y"]
    static let triggers = ["tr1", "tr2", "tr3", "tr4"]

    let die: SeededDie
    let clock: ManualClock
    private var jobs: [JobID] = []
    /// Leases that were handed out, stale ones included.
    private var leases: [Lease] = []
    private var knownTriggers: [String: TriggerState] = [:]
    private var made: UInt64 = 0
    /// Jobs that came from elsewhere, to come once more.
    var adopted: [NewJob] = []
    var adoptedEvents: [String: Int] = [:]

    init(seed: UInt64, clock: ManualClock) {
        die = SeededDie(seed: seed)
        self.clock = clock
    }

    /// Remembers what later operations can be about.
    mutating func learn(_ operation: StoreOperation, _ answer: StoreAnswer) {
        switch answer {
        case .enqueued(let answers): remember(answers.compactMap { $0.job?.id })
        case .fired(.fired(let answers)): remember(answers.compactMap { $0?.job?.id })
        case .claimed(let claimed):
            leases = (leases + claimed.jobs.map(\.lease)).suffix(24)
        case .overview(let overview):
            knownTriggers = [:]
            for state in overview.triggers { knownTriggers[state.name] = state }
        case .listed(let records): remember(records.prefix(5).map(\.id))
        case .trigger(let state):
            if case .put(_, let name) = operation { knownTriggers[name] = state }
        default: break
        }
    }

    private mutating func remember(_ ids: [JobID]) {
        jobs = (jobs + ids.filter { !jobs.contains($0) }).suffix(40)
    }

    mutating func next() -> StoreOperation {
        switch die.roll(100) {
        case 0..<3: .enqueue((0...die.roll(3)).map { _ in adoption() })
        case 3..<20: .enqueue((0...die.roll(4)).map { _ in job() })
        case 20..<38: .claim(plan())
        case 38..<56: .settle((0...die.roll(3)).map { _ in settlement() })
        case 56..<61: .wait(die.pick([0.001, 0.5, 1, 3, 11, 31, 61, 600, -2].map { .microseconds(Int64($0 * 1_000_000)) }))
        case 61..<65: .renew(heartbeat())
        case 65..<69: .record((0...die.roll(2)).map { _ in step() }, under: lease())
        case 69: .append((0...die.roll(3)).map { _ in adoptedEvent() })
        case 70..<73: .append((0...die.roll(3)).map { _ in event(lease: die.roll(4) == 0 ? lease() : nil) })
        case 73..<76: .cancel(known())
        case 76..<79: .revive(known())
        case 79..<82: .put(die.roll(5) == 0 ? nil : trigger(), named: die.pick(Self.triggers))
        case 82..<86: .fire(firePlan())
        case 86..<89: .set(die.pick(Self.queues), change())
        case 89..<90: .take(die.roll(4), from: die.pick(["b1", "b2"]), Rate(count: 4, per: .seconds(10), burst: 3))
        case 90..<91: .acquire(die.pick(["l1", "l2"]), owner: die.pick(["o1", "o2"]), for: .seconds(Int64(die.roll(20))))
        case 91..<92: .release(die.pick(["l1", "l2"]), epoch: die.roll(5))
        case 92..<94: .list(query())
        case 94..<96: .look(known())
        case 96..<97: .read(die.pick(Self.streams), after: die.roll(6), limit: die.roll(8))
        case 97..<98: .prune(limit: 1 + die.roll(5), eventRetention: .seconds(Int64(die.roll(100))))
        default: .overview
        }
    }

    // MARK: Parts

    private mutating func id() -> JobID {
        made += 1
        return JobID(at: clock.now(), random: (die.word(), die.word()))
    }

    private func known() -> JobID { jobs.isEmpty ? JobID(high: 1, low: 1) : die.pick(jobs) }

    private func lease() -> Lease {
        guard !leases.isEmpty else { return Lease(job: JobID(high: 1, low: 1), epoch: 1) }
        let lease = die.pick(leases)
        return die.roll(20) == 0 ? Lease(job: lease.job, epoch: lease.epoch + 1) : lease
    }

    private func payload() -> Payload { Payload(["n": .integer(die.roll(3)), "at": ["x": .integer(die.roll(2))]]) }

    mutating func job() -> NewJob {
        let isKnown = die.roll(12) == 0
        var job = NewJob(id: isKnown ? known() : id(), kind: die.pick(Self.kinds), payload: payload())
        if die.roll(30) == 0 { job.kind = "" }
        job.queue = die.pick(Self.queues)
        job.tenant = die.pick(Self.tenants)
        job.priority = die.pick(Priority.all)
        if die.roll(4) == 0 { job.due = .after(.seconds(Int64(die.roll(90)))) }
        if die.roll(12) == 0 { job.due = .at(clock.now() - .seconds(Int64(die.roll(500)))) }
        if die.roll(3) == 0 { job.key = key() }
        if die.roll(5) == 0 { job.queueTimeout = .seconds(Int64(1 + die.roll(60))) }
        if die.roll(5) == 0 { job.timeout = .seconds(Int64(1 + die.roll(60))) }
        job.maxAttempts = die.pick([1, 2, 5, 20])
        if die.roll(3) == 0 { job.labels = ["l\(die.roll(2))": "v\(die.roll(2))", "m": "\(die.roll(2))"] }
        if die.roll(4) == 0 { job.parent = NewJob.Parent(job: known(), group: die.pick(["g1", "g2"])) }
        return job
    }

    private func key() -> IdempotencyKey {
        let scopes: [IdempotencyKey.Scope] = [.untilFinished, .untilFinished, .forever, .window(.seconds(30))]
        return IdempotencyKey("k\(die.roll(6))", scope: die.pick(scopes), conflict: die.pick([.returnExisting, .reject, .replace]))
    }

    private func plan() -> ClaimPlan {
        let kinds: [String]? = die.pick([nil, Self.kinds, ["a", "b"], ["c"], []])
        let queues: [String: Int]? = die.roll(3) == 0 ? [die.pick(["q2", "q3"]): die.roll(4), die.pick(["q1", "none"]): 2] : nil
        return ClaimPlan(
            node: die.pick(Self.nodes), kinds: kinds, queues: queues, limit: die.roll(8), ttl: .seconds(Int64(5 + die.roll(10))),
            sharesLiveness: die.roll(3) > 0)
    }

    private mutating func settlement() -> Settlement {
        var settlement = Settlement(lease(), disposition())
        if die.roll(4) == 0 { settlement.steps = (0...die.roll(2)).map { _ in step() } }
        if die.roll(4) == 0 { settlement.events = [event(lease: nil)] }
        if die.roll(4) == 0 {
            for _ in 0...die.roll(3) {
                var child = job()
                child.parent = NewJob.Parent(job: settlement.lease.job, group: die.pick(["g1", "g2"]))
                settlement.children.append(child)
            }
        }
        if die.roll(5) == 0 { settlement.progress = Progress(fraction: 0.25 * Double(die.roll(5)), message: die.pick([nil, "m"])) }
        return settlement
    }

    private func disposition() -> Settlement.Disposition {
        switch die.roll(10) {
        case 0..<3: .succeeded(result: die.pick([nil, payload()]))
        case 3: .failed(Failure(kind: "boom", message: "it broke"), retryAfter: .seconds(Int64(die.roll(20))))
        case 4: .failed(Failure(kind: "boom", message: "it broke"), retryAfter: nil)
        case 5: .cancelled(reason: die.pick([nil, "why"]))
        case 6: .snoozed(for: .seconds(Int64(die.roll(20))))
        case 7: .released
        case 8: .waiting(Wait(.children(group: die.pick(["g1", "g2"])), step: "w\(die.roll(3))", deadline: deadline()))
        default: .waiting(waitForEvent())
        }
    }

    private func waitForEvent() -> Wait {
        if die.roll(20) == 0 { return Wait(.turn(trigger: "tr1"), step: nil) }
        let condition = Wait.Condition.event(stream: die.pick(Self.streams), type: die.pick(Self.types), after: die.roll(12))
        return Wait(condition, step: "w\(die.roll(3))", deadline: deadline())
    }

    private func deadline() -> Duration? { die.roll(2) == 0 ? nil : .seconds(Int64(die.roll(40))) }

    private func step() -> NewStep {
        NewStep(name: die.roll(25) == 0 ? "" : "s\(die.roll(4))", state: die.pick([.done, .done, .intended]), result: payload())
    }

    private func event(lease: Lease?) -> NewEvent {
        if let lease, die.roll(2) == 0 {
            let progress = Progress(fraction: 0.1 * Double(die.roll(10)))
            return NewEvent(stream: StreamName.job(lease.job), type: "progress", data: progress.payload, lease: lease)
        }
        return NewEvent(
            stream: die.roll(25) == 0 ? "" : die.pick(Self.streams), type: die.pick(Self.types), data: payload(), lease: lease)
    }

    private func heartbeat() -> Heartbeat {
        Heartbeat(
            node: die.pick(Self.nodes), ttl: .seconds(Int64(5 + die.roll(10))), leases: (0..<die.roll(3)).map { _ in lease() },
            departed: die.roll(4) == 0 ? [die.pick(Self.nodes)] : [], isLast: die.roll(5) == 0)
    }

    private func trigger() -> Trigger {
        let schedules: [Trigger.Schedule] = [
            .every(.seconds(60), offset: .zero), .every(.seconds(30), offset: .seconds(1)),
            .topic(stream: die.pick(Self.streams), filter: EventFilter(type: die.pick([nil, "x"]))),
            .topic(stream: "s1", filter: EventFilter(fields: ["at.x": 1])),
        ]
        var template = JobTemplate(kind: die.pick(Self.kinds), payload: payload())
        template.queue = die.pick(Self.queues)
        return Trigger(
            die.pick(schedules), overlap: die.pick(Trigger.Overlap.allCases), jitter: die.pick([.zero, .seconds(20)]),
            isPaused: die.roll(8) == 0, job: template)
    }

    private mutating func firePlan() -> FirePlan {
        let name = die.pick(Self.triggers)
        let state = knownTriggers[name]
        let slot = state?.nextSlot
        let start = slot ?? clock.now() - .seconds(20)
        let firing = (0..<die.roll(3)).map { FirePlan.Firing(slot: start + .seconds(Int64(10 * $0)), job: job()) }
        return FirePlan(
            trigger: name, revision: state?.revision ?? 1, slot: die.roll(10) == 0 ? nil : slot, next: start + .seconds(Int64(die.roll(40))),
            firing: firing)
    }

    private func change() -> QueueChange {
        if die.roll(3) == 0 { return .paused(die.roll(3) == 0) }
        var policy = QueuePolicy()
        if die.roll(2) == 0 { policy.concurrency = 1 + die.roll(6) }
        if die.roll(3) == 0 { policy.perTenant = 1 + die.roll(3) }
        if die.roll(3) == 0 { policy.rate = Rate(count: 3 + die.roll(5), per: .seconds(10), burst: 1 + die.roll(3)) }
        if die.roll(3) == 0 { policy.highWater = 4 + die.roll(12) }
        if policy.highWater != nil, die.roll(2) == 0 { policy.lowWater = die.roll(4) }
        if die.roll(2) == 0 { policy.retention = .seconds(Int64(die.roll(300))) }
        return .policy(policy)
    }

    private func query() -> JobQuery {
        var query = JobQuery()
        if die.roll(3) == 0 { query.phase = die.pick(Phase.allCases) }
        if die.roll(5) == 0 { query.outcome = die.pick(Outcome.allCases) }
        if die.roll(4) == 0 { query.kind = die.pick(Self.kinds) }
        if die.roll(4) == 0 { query.queue = die.pick(Self.queues) }
        if die.roll(4) == 0 { query.tenant = die.pick(Self.tenants) }
        if die.roll(6) == 0 { query.key = "k\(die.roll(6))" }
        if die.roll(6) == 0 { query.trigger = die.pick(Self.triggers) }
        if die.roll(6) == 0 { query.parent = known() }
        if die.roll(5) == 0 { query.labels = ["l\(die.roll(2))": "v\(die.roll(2))"] }
        if die.roll(4) == 0 { query.before = known() }
        query.isDetailed = die.roll(3) == 0
        query.limit = die.pick([1, 5, 50])
        return query
    }
}
