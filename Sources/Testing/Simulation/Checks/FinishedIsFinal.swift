import MartletCore

struct FinishedIsFinal: InvariantCheck {
    static let invariant = Invariant.finishedIsFinal
    private var finished: [JobID: Outcome] = [:]

    mutating func observe(_ observation: Observation) -> String? {
        switch observation {
        case .claimed(_, let claimed):
            for job in claimed.jobs where finished[job.job.id] != nil { return "job \(job.job.id) was claimed after it had finished" }
        case .settled(let settlements, let results):
            for (settlement, result) in zip(settlements, results) {
                guard case .settled(let phase, let outcome) = result else { continue }
                let job = settlement.lease.job
                if finished[job] != nil { return "job \(job) was settled after it had finished" }
                if phase == .finished { finished[job] = outcome }
            }
        case .cancelled(let job):
            return see(job)
        case .revived(let job):
            finished[job.id] = nil
        case .snapshot(let jobs):
            for job in jobs { if let fault = see(job) { return fault } }
        default: break
        }
        return nil
    }

    private mutating func see(_ job: JobRecord) -> String? {
        if let outcome = finished[job.id], job.outcome != outcome {
            return "job \(job.id) finished \(outcome) and is now \(job.phase) \(job.outcome.map { "\($0)" } ?? "")"
        }
        if job.phase == .finished { finished[job.id] = job.outcome }
        return nil
    }
}
