import MartletCore

struct BadRowsHoldNothingBack: InvariantCheck {
    static let invariant = Invariant.badRowsHoldNothingBack

    mutating func observe(_ observation: Observation) -> String? {
        guard case .enqueued(let jobs, let answers) = observation else { return nil }
        guard jobs.count == answers.count else { return "\(jobs.count) jobs were enqueued and \(answers.count) answered" }
        for (job, answer) in zip(jobs, answers) {
            switch (job.fault, answer) {
            case (.some(let fault), .refused(let error)) where fault == error: continue
            case (.some(let fault), _): return "job \(job.id) is wrong (\(fault)) and was not refused for it"
            case (nil, .refused(let error)):
                switch error {
                case .invalid, .tooLarge, .unavailable: return "job \(job.id) is right and was refused: \(error)"
                default: continue
                }
            case (nil, _): continue
            }
        }
        return nil
    }
}
