import Database
import MartletCore

extension PostgresStore {
    func claimOnce(_ plan: ClaimPlan) async throws(StoreError) -> Claimed {
        let queues = plan.queues.map { $0.sorted { $0.key < $1.key } }
        let flight = marks.begin()
        let function: SQL = """
            claim(\(plan.node.name.storable), \(optional: plan.kinds), \(optional: queues?.map(\.key)), \(optional: queues?.map(\.value)), \
            \(plan.limit), \(plan.ttl.microseconds), \(plan.sharesLiveness), \(array: flight.dues.map(\.0.lane)), \
            \(array: flight.dues.map(\.0.rankClass)), \(array: flight.dues.map(\.1)), \(mark: flight.alarms), \(mark: flight.expiries), \
            \(time.argument))
            """
        do throws(StoreError) {
            let answer = try await call("SELECT * FROM \(schema)\(function)") { try ClaimAnswer($0) }
            time.saw(answer.now)
            marks.end(flight, answer)
            return answer.claimed
        } catch {
            marks.end(flight, nil)
            throw error
        }
    }
}

extension SQL.StringInterpolation {
    /// Where a search begins.
    mutating func appendInterpolation(mark instant: Timestamp?) {
        if let instant { appendInterpolation(instant) } else { appendLiteral("'-infinity'") }
    }

    /// A list as one value, or null.
    mutating func appendInterpolation<Value: SQLBindable>(optional values: [Value]?) {
        if let values { appendInterpolation(array: values) } else { appendLiteral("NULL") }
    }
}
