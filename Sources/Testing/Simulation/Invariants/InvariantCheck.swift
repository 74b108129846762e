import MartletCore

/// Watches one invariant.
protocol InvariantCheck: Sendable {
    static var invariant: Invariant { get }

    /// - Returns: what is wrong, or `nil`.
    mutating func observe(_ observation: Observation) -> String?

    /// Looks back when the run is over.
    mutating func conclude(_ ending: Ending) -> String?
}

extension InvariantCheck {
    mutating func observe(_ observation: Observation) -> String? { nil }
    mutating func conclude(_ ending: Ending) -> String? { nil }
}

/// Everything there is when the run is over.
struct Ending: Sendable {
    let scenario: Scenario
    let jobs: [JobID: JobDetail]
    let streams: [String: [Event]]
    /// Jobs whose enqueue was acknowledged to whoever asked.
    let acknowledged: Set<JobID>
    let outside: OutsideWorld.Ledger
}
