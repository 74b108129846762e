import MartletCore

/// What a test waited for and did not get.
public enum TestEngineError: Error, Sendable, Hashable {
    case timeout(String, Duration)
    case noResult(JobID, Outcome?, Failure?)
}

extension TestEngineError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .timeout(let what, let limit): "\(limit.inSeconds) virtual seconds passed, and it did not come about that \(what)"
        case .noResult(let job, let outcome, let failure):
            "job \(job) has no result: \(outcome?.rawValue ?? "unfinished")\(failure.map { ", \($0.kind): \($0.message)" } ?? "")"
        }
    }
}
