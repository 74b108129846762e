import MartletCore

struct UnknownKindsAreLeftAlone: InvariantCheck {
    static let invariant = Invariant.unknownKindsAreLeftAlone

    mutating func observe(_ observation: Observation) -> String? {
        guard case .claimed(let plan, let claimed) = observation, let kinds = plan.kinds else { return nil }
        let stranger = claimed.jobs.first { !kinds.contains($0.job.kind) }
        return stranger.map { "node \(plan.node) was given \($0.job.id) of kind '\($0.job.kind)', which it does not know" }
    }

    mutating func conclude(_ ending: Ending) -> String? {
        for job in ending.jobs.values.map(\.job).sorted(by: { $0.id < $1.id }) where job.kind == Recipe.unknown.kind {
            guard job.phase == .ready, job.attempt == 0, job.epoch == 0 else {
                return "job \(job.id) of a kind nobody knows is \(job.phase), attempt \(job.attempt), epoch \(job.epoch)"
            }
        }
        return nil
    }
}
