import MartletCore

struct EpochsGrow: InvariantCheck {
    static let invariant = Invariant.epochsGrow
    private var last: [JobID: Int] = [:]

    mutating func observe(_ observation: Observation) -> String? {
        switch observation {
        case .claimed(_, let claimed):
            for job in claimed.jobs.map(\.job) {
                let before = last[job.id, default: 0]
                guard job.epoch > before else { return "job \(job.id) was claimed with epoch \(job.epoch) after \(before)" }
                last[job.id] = job.epoch
            }
        case .snapshot(let jobs):
            for job in jobs {
                let before = last[job.id, default: 0]
                guard job.epoch >= before else { return "job \(job.id) has epoch \(job.epoch) after \(before)" }
            }
        default: break
        }
        return nil
    }
}
