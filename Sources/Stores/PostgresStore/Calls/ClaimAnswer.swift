import Database
import MartletCore

/// What the function `claim` answers.
struct ClaimAnswer: Sendable {
    var claimed = Claimed(jobs: [], nextDue: nil, generation: 0)
    let now: Timestamp
    /// Up to which due times lanes have been seen emptied.
    var dues: [(Marks.Place, Timestamp)] = []
    /// Up to where the alarms have been heeded, and from where on single leases end; `nil` where that has not changed.
    var alarms: Timestamp?
    var expiries: Timestamp?

    init(_ answer: PostgresAnswer) throws {
        var now: Timestamp?
        claimed.jobs.reserveCapacity(answer.count)
        for row in answer {
            switch try row.text(0) {
            case "j":
                let steps = try row.optionalText(6).map(StepsColumn.read) ?? []
                claimed.jobs.append(ClaimedJob(job: try JobColumns(row, from: 7).record(), steps: steps))
            case "h": dues.append((Marks.Place(lane: try row.int(4), rankClass: try row.int(5)), try row.timestamp(1)))
            case "a": alarms = try row.timestamp(1)
            case "e": expiries = try row.timestamp(1)
            default:
                now = try row.timestamp(1)
                claimed.generation = try row.int(2)
                claimed.nextDue = try row.optionalInt64(3).map { .microseconds($0) }
            }
        }
        guard let now else { throw StoreError.unknownRow }
        self.now = now
    }
}
