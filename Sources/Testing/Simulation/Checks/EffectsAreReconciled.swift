import MartletCore

struct EffectsAreReconciled: InvariantCheck {
    static let invariant = Invariant.effectsAreReconciled

    mutating func conclude(_ ending: Ending) -> String? {
        for (job, effect) in ending.outside.effects.sorted(by: { $0.key < $1.key }) {
            if effect.blindStarts > 0 { return "the effect of job \(job) was begun again without its reconciler" }
            if effect.happened > 1 { return "the effect of job \(job) happened \(effect.happened) times" }
            guard let end = ending.jobs[job]?.job, end.outcome == .succeeded, effect.happened != 1 else { continue }
            return "job \(job) succeeded and its effect happened \(effect.happened) times"
        }
        return nil
    }
}
