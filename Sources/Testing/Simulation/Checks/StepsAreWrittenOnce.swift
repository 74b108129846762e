import MartletCore

struct StepsAreWrittenOnce: InvariantCheck {
    static let invariant = Invariant.stepsAreWrittenOnce
    private var done: [JobID: [String: Step]] = [:]

    mutating func observe(_ observation: Observation) -> String? {
        switch observation {
        case .recorded(_, let lease, let steps): return see(steps, of: lease.job, isAll: false)
        case .claimed(_, let claimed):
            for job in claimed.jobs { if let fault = see(job.steps, of: job.job.id, isAll: true) { return fault } }
            return nil
        default: return nil
        }
    }

    mutating func conclude(_ ending: Ending) -> String? {
        for (id, detail) in ending.jobs.sorted(by: { $0.key < $1.key }) {
            if let fault = see(detail.steps, of: id, isAll: true) { return fault }
        }
        return nil
    }

    private mutating func see(_ steps: [Step], of job: JobID, isAll: Bool) -> String? {
        var known = done[job, default: [:]]
        for step in steps where step.state == .done {
            if let before = known[step.name], before != step { return "step '\(step.name)' of job \(job) changed after it was done" }
            known[step.name] = step
        }
        done[job] = known
        let names = Set(steps.filter { $0.state == .done }.map(\.name))
        if isAll, let lost = known.keys.sorted().first(where: { !names.contains($0) }) {
            return "step '\(lost)' of job \(job) was done and is gone"
        }
        return nil
    }
}
