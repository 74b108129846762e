import MartletCore

/// Looks at every span of time between two starts: no more may have started in it than the burst and what the rate adds.
struct RatesAreKept: InvariantCheck {
    static let invariant = Invariant.ratesAreKept
    private let rates: [String: Rate]
    private var starts: [String: [Timestamp]] = [:]

    init(queues: [String: QueuePolicy]) {
        rates = queues.compactMapValues(\.rate)
    }

    mutating func observe(_ observation: Observation) -> String? {
        guard case .claimed(_, let claimed) = observation else { return nil }
        for job in claimed.jobs.map(\.job) {
            guard let rate = rates[job.queue], let start = job.startedAt else { continue }
            var earlier = starts[job.queue, default: []]
            earlier.append(start)
            starts[job.queue] = earlier
            for (index, first) in earlier.enumerated() {
                let count = earlier.count - index
                let allowed = Double(rate.burst) + (start - first).inSeconds * Double(rate.count) / rate.per.inSeconds
                guard Double(count) <= allowed + 0.001 else {
                    return "\(count) jobs of '\(job.queue)' started within \((start - first).inSeconds) s, \(allowed) may"
                }
            }
        }
        return nil
    }
}
