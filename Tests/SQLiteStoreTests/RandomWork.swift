import MartletCore

/// An endless seeded sequence of store calls over few names, so that they meet.
struct RandomWork {
    enum Call: Sendable {
        case enqueue([NewJob])
        case claim(ClaimPlan)
        case renew(Heartbeat)
        case record([NewStep], Lease)
        case settle([Settlement])
        case cancel(JobID)
        case revive(JobID)
        case append([NewEvent])
        case put(Trigger?, String)
        case fire(FirePlan)
        case set(String, QueueChange)
        case take(Int, String, Rate)
        case acquire(String, String, Duration)
        case release(String, Int)
        case prune(Int, Duration)
        case pass(Duration)
    }

    private let random: SeededRandom
    private var number = 0
    /// Leases that were handed out, the latest last; most are still good.
    private var leases: [Lease] = []
    private var triggers: [String: TriggerState] = [:]

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private func roll(_ sides: Int) -> Int { Int(random.next() % UInt64(sides)) }
    private func pick<Value>(_ values: [Value]) -> Value { values[roll(values.count)] }
    private func chance(_ percent: Int) -> Bool { roll(100) < percent }

    mutating func learn(_ claimed: Claimed) {
        leases += claimed.jobs.map(\.lease)
        if leases.count > 30 { leases.removeFirst(leases.count - 30) }
    }

    mutating func learn(_ state: TriggerState?, _ name: String) { triggers[name] = state }

    mutating func next(at now: Timestamp) -> Call {
        switch roll(100) {
        case 0..<22: return .enqueue((0...roll(4)).map { _ in job() })
        case 22..<42: return .claim(plan())
        case 42..<62:
            let settled: [Settlement] = (0...roll(3)).compactMap { _ in lease().map { settlement($0) } }
            return .settle(settled)
        case 62..<66: return lease().map { lease in .record((0...roll(2)).map { _ in step() }, lease) } ?? .pass(.seconds(1))
        case 66..<71: return .append((0...roll(2)).map { _ in event() })
        case 71..<75: return .cancel(known())
        case 75..<79: return .revive(known())
        case 79..<83: return .renew(heartbeat())
        case 83..<85: return put()
        case 85..<87: return fire(at: now)
        case 87..<90: return .set(pick(["q", "r"]), change())
        case 90..<92: return .take(1 + roll(3), pick(["b", "c"]), Rate(count: 3, per: .seconds(10)))
        case 92..<94: return chance(70) ? .acquire("l", pick(["x", "y"]), .seconds(5)) : .release("l", 1 + roll(4))
        case 94..<95: return .prune(1 + roll(4), .seconds(30))
        default: return .pass(pick([.milliseconds(500), .seconds(1), .seconds(4), .seconds(20), .seconds(70)]))
        }
    }

    // MARK: Parts

    private mutating func lease() -> Lease? {
        guard !leases.isEmpty else { return nil }
        let lease = leases[roll(leases.count)]
        return chance(5) ? Lease(job: lease.job, epoch: lease.epoch + 1) : lease
    }

    private func known() -> JobID { .numbered(1 + roll(max(1, number))) }

    private mutating func job(parent: JobID? = nil) -> NewJob {
        number += 1
        let reused = chance(3)
        let payload = chance(5) ? String(repeating: "x", count: 2000) : "p"
        var job = NewJob(
            id: reused ? known() : .numbered(number), kind: pick(["a", "b", "c"]), payload: Payload(["n": .string(payload)]))
        job.queue = pick(["q", "q", "r"])
        job.tenant = pick(["", "s", "t", "u"])
        job.priority = pick(Priority.all)
        if chance(30) { job.due = .after(pick([.seconds(1), .seconds(5), .seconds(90)])) }
        if chance(20) {
            let scope = pick([IdempotencyKey.Scope.untilFinished, .forever, .window(.seconds(30))])
            job.key = IdempotencyKey(pick(["k", "l", "m"]), scope: scope, conflict: pick([.returnExisting, .reject, .replace]))
        }
        if chance(10) { job.queueTimeout = pick([.seconds(3), .seconds(60)]) }
        if chance(20) { job.labels = ["color": pick(["red", "blue"])] }
        if chance(10) { job.timeout = .seconds(9) }
        job.maxAttempts = 1 + roll(4)
        if let parent {
            job.parent = NewJob.Parent(job: parent, group: pick(["g", "h"]))
        } else if chance(5) {
            job.parent = NewJob.Parent(job: known(), group: pick(["g", "h"]))
        }
        return job
    }

    private func plan() -> ClaimPlan {
        var plan = ClaimPlan(
            node: NodeID(pick(["m", "n"])), kinds: pick([nil, nil, ["a", "b"], ["c"], ["a", "b", "c", "z"]]), limit: 1 + roll(6),
            sharesLiveness: chance(75))
        if chance(20) { plan.queues = pick([["q": 2], ["q": 1, "r": 3], ["r": 10, "none": 1]]) }
        return plan
    }

    private func heartbeat() -> Heartbeat {
        var heartbeat = Heartbeat(node: NodeID(pick(["m", "n"])), leases: leases.suffix(roll(3)), isLast: chance(15))
        if chance(20) { heartbeat.departed = [NodeID(pick(["m", "n"]))] }
        return heartbeat
    }

    private func step() -> NewStep {
        NewStep(name: pick(["s1", "s2", "s3"]), state: pick([.done, .done, .intended]), result: Payload(["r": .integer(roll(100))]))
    }

    private func event(_ lease: Lease? = nil) -> NewEvent {
        let streams = ["e", "f", StreamName.job(known())]
        return NewEvent(stream: pick(streams), type: pick(["t", "v", "progress"]), data: Payload(["fraction": .real(0.5)]), lease: lease)
    }

    private mutating func settlement(_ lease: Lease) -> Settlement {
        var settlement = Settlement(lease, disposition())
        if chance(20) { settlement.steps = [step()] }
        if chance(20) { settlement.events = [event()] }
        if chance(20) { settlement.children = (0...roll(2)).map { _ in job(parent: lease.job) } }
        if chance(10) { settlement.progress = Progress(fraction: 0.25, message: "quarter") }
        return settlement
    }

    private func disposition() -> Settlement.Disposition {
        switch roll(10) {
        case 0..<3: .succeeded(result: chance(50) ? nil : Payload(["ok": .string(String(repeating: "y", count: chance(20) ? 1000 : 3))]))
        case 3: .failed(Failure(kind: "boom", message: "it broke"), retryAfter: chance(70) ? .seconds(2) : nil)
        case 4: .cancelled(reason: chance(50) ? "because" : nil)
        case 5: .snoozed(for: .seconds(3))
        case 6: .released
        case 7: .waiting(Wait(.children(group: pick(["g", "h"])), step: "w1", deadline: chance(50) ? .seconds(15) : nil))
        case 8: .waiting(Wait(.event(stream: pick(["e", "f"]), type: pick(["t", "v"]), after: roll(8)), step: "w2", deadline: .seconds(30)))
        default: .waiting(Wait(.event(stream: "e", type: "v", after: 50), step: nil))
        }
    }

    private func change() -> QueueChange {
        if chance(40) { return .paused(chance(30)) }
        var policy = QueuePolicy()
        if chance(40) { policy.concurrency = 1 + roll(5) }
        if chance(40) { policy.perTenant = 1 + roll(3) }
        if chance(30) { policy.rate = Rate(count: 4, per: .seconds(5)) }
        if chance(30) { policy.highWater = 8 }
        policy.retention = pick([.zero, .seconds(20), .seconds(600)])
        return .policy(policy)
    }

    private func put() -> Call {
        let name = pick(["t1", "t2", "t3"])
        if chance(15) { return .put(nil, name) }
        var template = JobTemplate(kind: pick(["a", "b"]))
        template.queue = "q"
        let schedule: Trigger.Schedule =
            chance(60) ? .topic(stream: pick(["e", "f"]), filter: EventFilter(type: pick([nil, "t"]))) : .every(.seconds(10), offset: .zero)
        return .put(
            Trigger(schedule, overlap: pick(Trigger.Overlap.allCases), jitter: pick([.zero, .seconds(5)]), isPaused: chance(10), job: template), name)
    }

    private mutating func fire(at now: Timestamp) -> Call {
        guard let state = triggers.values.sorted(by: { $0.name < $1.name }).first else { return .pass(.seconds(1)) }
        number += 1
        let slot = state.nextSlot
        let firing = slot.map { [FirePlan.Firing(slot: $0, job: state.trigger.job.job(id: .numbered(number)))] } ?? []
        return .fire(FirePlan(trigger: state.name, revision: state.revision, slot: slot, next: now + .seconds(5), firing: firing))
    }
}
