/// What one seed came to.
public struct SimulationReport: Sendable {
    public let seed: UInt64
    /// Of the whole trace: the same seed has the same hash in every process.
    public let hash: UInt64
    /// The first one; `nil` where every invariant holds.
    public let violation: Violation?
    /// Where it was asked for.
    public let trace: [String]
    public let jobs: Int
    public let faults: Int
    public let steps: Int

    public var holds: Bool { violation == nil }

    /// One line for people.
    public var summary: String {
        let hash = String(hash, radix: 16)
        guard let violation else { return "seed \(seed): holds, \(jobs) jobs, \(faults) faults, trace \(hash)" }
        return "seed \(seed): BROKEN \(violation), trace \(hash)"
    }
}
