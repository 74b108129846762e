import MartletCore

struct OnlyTheGuiltyIsQuarantined: InvariantCheck {
    static let invariant = Invariant.onlyTheGuiltyIsQuarantined

    mutating func conclude(_ ending: Ending) -> String? {
        for job in ending.jobs.values.map(\.job).sorted(by: { $0.id < $1.id }) {
            let isCrashed = job.error?.kind == "crashed" && job.phase == .finished
            if job.kind == Recipe.poison.kind {
                guard isCrashed || job.outcome == .cancelled else { return "poison \(job.id) ended \(job.phase) and not in quarantine" }
            } else if isCrashed, job.deaths < Quarantine.crashesMax {
                return "\(job.kind) \(job.id) is quarantined after \(job.deaths) deaths"
            } else if isCrashed, ending.scenario.onlyPoisonKills {
                return "\(job.kind) \(job.id) is quarantined, and only the poison kills"
            }
        }
        return nil
    }
}
