import MartletCore

/// When the faults are over and time has passed, every job that was acknowledged is where its story ends.
struct NothingIsLost: InvariantCheck {
    static let invariant = Invariant.nothingIsLost

    mutating func conclude(_ ending: Ending) -> String? {
        for id in ending.acknowledged.sorted() {
            guard let job = ending.jobs[id]?.job else { return "job \(id) was accepted and is gone" }
            let kind = job.kind
            if kind == Recipe.unknown.kind { continue }
            guard job.phase == .finished else {
                return "\(kind) \(id) is still \(job.phase), attempt \(job.attempt), due \(job.dueAt)"
            }
            guard let plan = ending.scenario.plan(of: id) else { continue }
            if job.error?.kind == "crashed" { continue }
            if plan.isCancelled, job.outcome == .cancelled { continue }
            guard plan.recipe.mayEnd(job.outcome, job.error) else {
                return
                    "\(kind) \(id) ended \(job.outcome.map { "\($0)" } ?? "nowhere") (\(job.error.map { "\($0.kind): \($0.message)" } ?? "no error"))"
            }
        }
        for job in ending.jobs.values.map(\.job).sorted(by: { $0.id < $1.id }) where job.kind != Recipe.unknown.kind {
            guard job.phase == .finished else { return "\(job.kind) \(job.id) is still \(job.phase), attempt \(job.attempt), due \(job.dueAt)" }
        }
        return nil
    }
}
