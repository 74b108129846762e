import MartletCore

struct RunningWithinLimits: InvariantCheck {
    static let invariant = Invariant.runningWithinLimits
    let queues: [String: QueuePolicy]

    init(queues: [String: QueuePolicy]) {
        self.queues = queues
    }

    mutating func observe(_ observation: Observation) -> String? {
        guard case .snapshot(let jobs) = observation else { return nil }
        let running = Dictionary(grouping: jobs.filter { $0.phase == .running }, by: \.queue)
        for (queue, jobs) in running.sorted(by: { $0.key < $1.key }) {
            guard let policy = queues[queue] else { continue }
            if let limit = policy.concurrency, jobs.count > limit { return "\(jobs.count) jobs run in '\(queue)', the limit is \(limit)" }
            guard let limit = policy.perTenant else { continue }
            for (tenant, jobs) in Dictionary(grouping: jobs, by: \.tenant).sorted(by: { $0.key < $1.key }) where jobs.count > limit {
                return "\(jobs.count) jobs of tenant '\(tenant)' run in '\(queue)', the limit is \(limit)"
            }
        }
        return nil
    }
}
