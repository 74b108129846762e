import MartletCore

struct OnlyTheCurrentEpochWrites: InvariantCheck {
    static let invariant = Invariant.onlyTheCurrentEpochWrites
    /// The lease of each job that is running, as far as the answers of the store tell.
    private var current: [JobID: Int] = [:]

    mutating func observe(_ observation: Observation) -> String? {
        switch observation {
        case .claimed(_, let claimed):
            for job in claimed.jobs { current[job.job.id] = job.job.epoch }
        case .recorded(_, let lease, _):
            return fault(lease, "recorded steps")
        case .settled(let settlements, let results):
            for (settlement, result) in zip(settlements, results) {
                guard case .settled = result else { continue }
                if let fault = fault(settlement.lease, "settled") { return fault }
                current[settlement.lease.job] = nil
            }
        case .appended(let events, let answers):
            for (event, answer) in zip(events, answers) {
                guard let lease = event.lease, case .at = answer else { continue }
                if let fault = fault(lease, "appended an event") { return fault }
            }
        case .snapshot(let jobs):
            for job in jobs where job.phase != .running { current[job.id] = nil }
        default: break
        }
        return nil
    }

    private func fault(_ lease: Lease, _ what: String) -> String? {
        let holder = current[lease.job]
        return holder == lease.epoch
            ? nil : "epoch \(lease.epoch) of job \(lease.job) \(what) while the current one is \(holder.map(String.init) ?? "none")"
    }
}
