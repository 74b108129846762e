import MartletCore

struct StepBodiesRunOnce: InvariantCheck {
    static let invariant = Invariant.stepBodiesRunOnce

    mutating func conclude(_ ending: Ending) -> String? {
        guard ending.scenario.isMild else { return nil }
        for (job, runs) in ending.outside.stepRuns.sorted(by: { $0.key < $1.key }) {
            for (step, count) in runs.sorted(by: { $0.key < $1.key }) where count > 1 {
                return "step '\(step)' of job \(job) ran \(count) times, and no node died, slept or stopped"
            }
        }
        return nil
    }
}
