import Database
import MartletCore

extension PostgresStore {
    func claimOnce(_ plan: ClaimPlan) async throws(StoreError) -> Claimed {
        let queues = plan.queues.map { $0.sorted { $0.key < $1.key } }
        let marks = marks.dues.map { ($0.key, $0.value) }
        let function: SQL = """
            claim(\(plan.node.name.storable), \(optional: plan.kinds), \(optional: queues?.map(\.key)), \(optional: queues?.map(\.value)), \
            \(plan.limit), \(plan.ttl.microseconds), \(plan.sharesLiveness), \(array: marks.map(\.0.lane)), \(array: marks.map(\.0.rankClass)), \
            \(array: marks.map(\.1)), \(alarms: self.marks.alarms), \(time.argument))
            """
        let (claimed, now, seen, alarms) = try await call("SELECT * FROM \(schema)\(function)", Self.read)
        time.saw(now)
        for (place, due) in seen { self.marks.set(place, due) }
        if let alarms { self.marks.setAlarms(alarms) }
        return claimed
    }

    @Sendable private static func read(_ answer: PostgresAnswer) throws -> (Claimed, Timestamp, [(Marks.Place, Timestamp)], Timestamp?) {
        var claimed = Claimed(jobs: [], nextDue: nil, generation: 0)
        claimed.jobs.reserveCapacity(answer.count)
        var (now, alarms): (Timestamp?, Timestamp?)
        var seen: [(Marks.Place, Timestamp)] = []
        for row in answer {
            switch try row.text(0) {
            case "j":
                let steps = try row.optionalText(6).map(StepsColumn.read) ?? []
                claimed.jobs.append(ClaimedJob(job: try JobColumns(row, from: 7).record(), steps: steps))
            case "h": seen.append((Marks.Place(lane: try row.int(4), rankClass: try row.int(5)), try row.timestamp(1)))
            case "a": alarms = try row.timestamp(1)
            default:
                now = try row.timestamp(1)
                claimed.generation = try row.int(2)
                claimed.nextDue = try row.optionalInt64(3).map { .microseconds($0) }
            }
        }
        guard let now else { throw StoreError.unknownRow }
        return (claimed, now, seen, alarms)
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
