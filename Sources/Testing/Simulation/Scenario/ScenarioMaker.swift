import MartletCore
import MartletTesting

/// Draws a scenario from a seed.
struct ScenarioMaker {
    private let dice: Dice
    private var scenario: Scenario

    init(seed: UInt64) {
        dice = Dice(seed: seed)
        let weathers: [Scenario.Weather] = [.calm, .calm, .calm, .poisonous, .foggy, .stormy, .stormy, .stormy, .stormy]
        scenario = Scenario(seed: seed, weather: dice.pick(weathers))
    }

    mutating func make() -> Scenario {
        scenario.nodes = dice.within(1...3)
        scenario.concurrency = dice.pick([1, 2, 4, 8])
        scenario.duration = dice.milliseconds(8_000...25_000)
        scenario.noise = noise()
        addQueues()
        addTriggers()
        addJobs()
        if scenario.weather == .stormy { addFaults() }
        scenario.actions.sort { $0.at < $1.at }
        return scenario
    }

    private mutating func add(_ at: Duration, _ action: Action) {
        scenario.actions.append(Action.Timed(at: at, action: action))
    }

    private func time() -> Duration { dice.milliseconds(0...Int(scenario.duration.microseconds / 1000)) }

    private func noise() -> Noise {
        var noise = Noise(latencyMax: .milliseconds(dice.pick([0, 1, 5, 50])))
        noise.lostWakeups = dice.pick([0, 0, 200, 1000])
        switch scenario.weather {
        case .calm, .poisonous:
            noise.failBefore = dice.pick([0, 0, 10])
            noise.failAfter = dice.pick([0, 0, 10])
        case .foggy:
            noise.failBefore = dice.pick([50, 200, 400])
            noise.failAfter = dice.pick([50, 200])
            noise.slow = dice.pick([0, 20])
        case .stormy:
            noise.failBefore = dice.pick([0, 10, 100])
            noise.failAfter = dice.pick([0, 10, 100])
            noise.slow = dice.pick([0, 0, 30])
        }
        return noise
    }

    private mutating func addQueues() {
        if dice.chance(600) {
            var policy = QueuePolicy()
            policy.concurrency = dice.within(1...3)
            if dice.chance(500) { policy.perTenant = 1 }
            scenario.queues["narrow"] = policy
        }
        if dice.chance(400) {
            var policy = QueuePolicy()
            policy.rate = Rate(count: dice.within(1...4), per: .seconds(dice.within(1...4)), burst: 1)
            scenario.queues["rated"] = policy
        }
        if !scenario.queues.isEmpty, dice.chance(200) {
            let queue = dice.pick(scenario.queues.keys.sorted())
            let start = time()
            add(start, .pauseQueue(queue, true))
            add(start + dice.milliseconds(500...5000), .pauseQueue(queue, false))
        }
    }

    private mutating func addTriggers() {
        let policies = Trigger.Overlap.allCases
        if dice.chance(350) {
            let schedule = Trigger.Schedule.every(.seconds(dice.within(2...6)), offset: .milliseconds(dice.below(1000)))
            scenario.triggers["clock"] = Trigger(
                schedule, overlap: dice.pick(policies), missed: dice.pick(Trigger.Missed.allCases), job: JobTemplate(kind: Recipe.tick.kind))
        }
        if dice.chance(250) {
            scenario.triggers["order"] = Trigger(
                .topic(stream: "orders", filter: EventFilter(type: "placed")), overlap: dice.pick(policies),
                job: JobTemplate(kind: Recipe.tick.kind))
            for number in 0..<dice.within(1...5) { add(time(), .order(number)) }
        }
    }

    private mutating func addJobs() {
        if scenario.weather == .poisonous || scenario.weather == .stormy && dice.chance(100) {
            plan(.poison, at: time())
        }
        for _ in 0..<dice.within(3...10) { plan(recipe(), at: time()) }
        // Some come together, some of those with a bad row between them.
        if dice.chance(300) {
            let first = scenario.plans.count
            for _ in 0..<dice.within(2...5) { plan(recipe(), at: .zero, isAlone: false) }
            if dice.chance(500) {
                var bad = JobPlan(id: id(), recipe: .noop, at: .zero)
                bad.job.kind = ""
                scenario.add(bad)
            }
            add(time(), .enqueue(Array(first..<scenario.plans.count)))
        }
    }

    private func id() -> JobID {
        JobID(at: VirtualClock.defaultStart + .milliseconds(dice.below(1_000_000)), random: (dice.word(), dice.word()))
    }

    private func recipe() -> Recipe {
        switch dice.below(17) {
        case 0, 1: .noop
        case 2, 3: .steps(dice.within(1...4), failures: dice.below(3))
        case 4: .sleeper(dice.milliseconds(100...8000))
        case 5, 6: .waiter(within: dice.milliseconds(500...20_000))
        case 7, 8: .parent(children: dice.within(1...6), failing: dice.below(2))
        case 9: .flaky(failures: dice.within(1...3))
        case 10: dice.chance(500) ? .permanent : .unknown
        case 11: .slow(dice.milliseconds(100...14_000))
        case 12: .snoozer(dice.within(1...3))
        case 13: .effect(canTell: dice.chance(700))
        case 14: .talker(dice.within(1...6))
        case 15: dice.chance(500) ? .overtime : .stubborn
        default: .swallower
        }
    }

    private mutating func plan(_ recipe: Recipe, at time: Duration, isAlone: Bool = true) {
        var plan = JobPlan(id: id(), recipe: recipe, at: time)
        plan.job.queue = recipe == .poison ? "default" : dice.pick(["default", "default"] + scenario.queues.keys.sorted())
        plan.job.tenant = dice.pick(["", "a", "b"])
        plan.job.priority = dice.pick(Priority.all)
        if dice.chance(200) { plan.job.due = .after(dice.milliseconds(0...5000)) }
        if recipe == .overtime {
            plan.job.timeout = .seconds(1)
            plan.job.maxAttempts = 2
        }
        if case .waiter = recipe {
            for _ in 0..<dice.below(3) { add(max(.zero, time + dice.milliseconds(-2000...9000)), .signal(plan.job.id)) }
        }
        // Poison is left to quarantine, and a kind nobody knows to itself.
        if recipe != .poison, recipe != .unknown, dice.chance(120) {
            plan.isCancelled = true
            add(time + dice.milliseconds(0...6000), .cancel(plan.job.id))
        }
        if recipe == .permanent, !plan.isCancelled, dice.chance(300) { add(time + dice.milliseconds(1000...9000), .revive(plan.job.id)) }
        if recipe != .unknown, dice.chance(150) { plan.job.key = IdempotencyKey("key-\(dice.below(2))") }
        if isAlone { add(time, .enqueue([scenario.plans.count])) }
        scenario.add(plan)
    }

    private mutating func addFaults() {
        for _ in 0..<dice.within(1...4) {
            let node = dice.below(scenario.nodes)
            switch dice.below(9) {
            case 0, 1, 2: add(time(), .crash(node, down: dice.milliseconds(100...6000)))
            case 3, 4: add(time(), .pause(node, dice.milliseconds(500...25_000)))
            case 5: add(time(), .isolate(node, dice.milliseconds(500...20_000)))
            case 6:
                let start = time()
                add(start, .stop(node))
                for _ in 0..<dice.below(3) { add(start + dice.milliseconds(0...4000), .hasten(node)) }
            case 7: add(time(), .stepNodeClock(node, .milliseconds(dice.pick([-3_600_000, -1500, 900, 86_400_000]))))
            default: add(time(), .stepStoreClock(.milliseconds(dice.pick([-1500, -200, 700, 12_000, 90_000]))))
            }
        }
    }
}
