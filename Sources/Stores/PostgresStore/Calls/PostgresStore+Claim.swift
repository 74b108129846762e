import Database
import MartletCore

extension PostgresStore {
    func claimOnce(_ plan: ClaimPlan) async throws(StoreError) -> Claimed {
        let queues = plan.queues.map { $0.sorted { $0.key < $1.key } }
        let marks = marks.dues.map { ($0.key, $0.value) }
        let function: SQL = """
            claim(\(plan.node.name.storable), \(optional: plan.kinds), \(optional: queues?.map(\.key)), \(optional: queues?.map(\.value)), \
            \(plan.limit), \(plan.ttl.microseconds), \(plan.sharesLiveness), \(array: marks.map(\.0.lane)), \(array: marks.map(\.0.rankClass)), \
            \(array: marks.map(\.1)), \(alarms: self.marks.alarms), \(alarms: self.marks.expiries), \(time.argument))
            """
        let answer = try await call("SELECT * FROM \(schema)\(function)") { try ClaimAnswer($0) }
        time.saw(answer.now)
        self.marks.learn(answer)
        return answer.claimed
    }
}

extension SQL.StringInterpolation {
    /// Where a sweep begins its search.
    mutating func appendInterpolation(alarms instant: Timestamp?) {
        if let instant { appendInterpolation(instant) } else { appendLiteral("'-infinity'") }
    }

    /// A list as one value, or null.
    mutating func appendInterpolation<Value: SQLBindable>(optional values: [Value]?) {
        if let values { appendInterpolation(array: values) } else { appendLiteral("NULL") }
    }
}
