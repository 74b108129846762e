import MartletCore

extension NewJob {
    /// The job of a number: the same number, the same id.
    static func made(_ number: Int, kind: String = "a", _ change: (inout NewJob) -> Void = { _ in }) -> NewJob {
        var job = NewJob(id: .numbered(number), kind: kind, payload: Payload(["n": .integer(number)]))
        change(&job)
        return job
    }
}

extension JobID {
    static func numbered(_ number: Int) -> JobID { JobID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0000 | UInt64(number)) }
}

extension ClaimPlan {
    static func all(_ limit: Int, node: String = "n", kinds: [String]? = nil) -> ClaimPlan {
        ClaimPlan(node: NodeID(node), kinds: kinds, limit: limit)
    }
}
