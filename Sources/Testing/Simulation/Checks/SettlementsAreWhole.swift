import MartletCore

/// What an accepted settlement carries is there, and what a refused one carries is not.
struct SettlementsAreWhole: InvariantCheck {
    private struct Mark: Hashable {
        let stream: String
        let data: Payload
    }

    static let invariant = Invariant.settlementsAreWhole
    private var promised: Set<Mark> = []
    private var steps: [JobID: Set<String>] = [:]

    mutating func observe(_ observation: Observation) -> String? {
        guard case .settled(let settlements, let results) = observation else { return nil }
        for (settlement, result) in zip(settlements, results) {
            guard case .settled = result else { continue }
            for event in settlement.events where event.type == Workload.markType { promised.insert(Mark(stream: event.stream, data: event.data)) }
            steps[settlement.lease.job, default: []].formUnion(settlement.steps.map(\.name))
        }
        return nil
    }

    mutating func conclude(_ ending: Ending) -> String? {
        var found: Set<Mark> = []
        for event in ending.streams.values.joined() where event.type == Workload.markType {
            let mark = Mark(stream: event.stream, data: event.data)
            guard promised.contains(mark) else { return "'\(event.stream)' holds event \(event.sequence) of a settlement that was not accepted" }
            guard found.insert(mark).inserted else { return "'\(event.stream)' holds the event of one settlement twice" }
        }
        if let lost = promised.subtracting(found).map(\.stream).min() { return "an event of an accepted settlement is not in '\(lost)'" }
        for (job, names) in steps.sorted(by: { $0.key < $1.key }) {
            let kept = Set(ending.jobs[job]?.steps.map(\.name) ?? [])
            if let lost = names.subtracting(kept).min() { return "step '\(lost)' of an accepted settlement of job \(job) is not there" }
        }
        return nil
    }
}
