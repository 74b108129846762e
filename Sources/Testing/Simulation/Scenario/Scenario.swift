import MartletCore

/// Everything that a seed decides before the run begins.
struct Scenario: Sendable {
    enum Weather: Sendable {
        /// Latency and a few failing calls.
        case calm
        /// One job kills its node, again and again; nothing else does.
        case poisonous
        /// A store that fails a lot.
        case foggy
        /// Everything.
        case stormy
    }

    let seed: UInt64
    var weather: Weather
    var nodes = 1
    var concurrency = 4
    var noise = Noise()
    var queues: [String: QueuePolicy] = [:]
    var triggers: [String: Trigger] = [:]
    var plans: [JobPlan] = []
    var actions: [Action.Timed] = []
    /// How long the faults last.
    var duration: Duration = .seconds(20)
    private var places: [JobID: Int] = [:]

    init(seed: UInt64, weather: Weather) {
        self.seed = seed
        self.weather = weather
    }

    var isMild: Bool { weather == .calm }
    var onlyPoisonKills: Bool { weather == .poisonous }

    mutating func add(_ plan: JobPlan) {
        places[plan.job.id] = plans.count
        plans.append(plan)
    }

    func plan(of job: JobID) -> JobPlan? { places[job].map { plans[$0] } }
}
