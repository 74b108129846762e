import MartletCore

struct KeysAreExclusive: InvariantCheck {
    static let invariant = Invariant.keysAreExclusive

    mutating func observe(_ observation: Observation) -> String? {
        guard case .snapshot(let jobs) = observation else { return nil }
        var holders: [String: JobID] = [:]
        for job in jobs where job.phase != .finished {
            guard let key = job.key.map({ "\(job.tenant)/\($0)" }) else { continue }
            if let other = holders[key] { return "jobs \(other) and \(job.id) both have the key '\(key)'" }
            holders[key] = job.id
        }
        return nil
    }
}
