import MartletCore

struct OneJobPerSlot: InvariantCheck {
    private struct Slot: Hashable {
        let trigger: String
        let slot: Timestamp
    }

    static let invariant = Invariant.oneJobPerSlot
    private var made: [Slot: JobID] = [:]

    mutating func observe(_ observation: Observation) -> String? {
        guard case .fired(let plan, .fired(let answers)) = observation else { return nil }
        for (firing, answer) in zip(plan.firing, answers) {
            guard case .accepted(let job) = answer else { continue }
            let slot = Slot(trigger: plan.trigger, slot: firing.slot)
            if let other = made[slot] { return "trigger '\(plan.trigger)' made \(job.id) and \(other) for \(firing.slot)" }
            made[slot] = job.id
        }
        return nil
    }

    mutating func conclude(_ ending: Ending) -> String? {
        var keys: [String: JobID] = [:]
        for job in ending.jobs.values.map(\.job).sorted(by: { $0.id < $1.id }) {
            guard let trigger = job.trigger, let key = job.key, key.hasPrefix("\(trigger)@") else { continue }
            if let other = keys[key] { return "jobs \(other) and \(job.id) both stand for \(key)" }
            keys[key] = job.id
        }
        return nil
    }
}
