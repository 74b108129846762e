import Database
import MartletCore

/// Reads a row of the view `jobs`.
struct JobColumns {
    /// How many columns a job has.
    static let count = 38

    private let row: PostgresRow
    private let start: Int

    /// - Parameter start: where its first column is.
    init(_ row: PostgresRow, from start: Int) {
        self.row = row
        self.start = start
    }

    func record() throws -> JobRecord {
        guard let priority = Priority(try row.int(start + 4)) else { throw StoreError.unknownRow }
        var job = NewJob(id: try row.id(start), kind: try row.text(start + 1), payload: try payload(5) ?? .null)
        job.queue = try row.text(start + 2)
        job.tenant = try row.text(start + 3)
        job.priority = priority
        job.labels = try labels()
        job.timeout = try span(8)
        job.queueTimeout = try span(9)
        job.maxAttempts = try row.int(start + 10)
        job.parent = try row.optionalID(start + 11).map { NewJob.Parent(job: $0, group: try row.text(start + 12)) }
        job.trigger = try text(13)
        job.due = .at(try row.timestamp(start + 22))
        var record = JobRecord(accepting: job, at: try row.timestamp(start + 23))
        record.key = try text(6)
        record.phase = try Phase(code: try row.int(start + 14))
        record.outcome = try row.optionalInt(start + 15).map { code throws(StoreError) in try Outcome(code: code) }
        record.attempt = try row.int(start + 16)
        record.epoch = try row.int(start + 17)
        record.settledEpoch = try row.int(start + 18)
        record.deaths = try row.int(start + 19)
        record.node = try text(20).map(NodeID.init)
        record.isCancelRequested = try row.bool(start + 21)
        record.startedAt = try row.optionalTimestamp(start + 24)
        record.finishedAt = try row.optionalTimestamp(start + 25)
        record.wait = try wait()
        record.progress = try row.optionalReal(start + 32).map { Progress(fraction: $0, message: try text(33)) }
        record.result = try payload(34)
        record.error = try text(35).map { Failure(kind: $0, message: try text(36) ?? "") }
        return record
    }

    var hasSteps: Bool {
        get throws { try row.bool(start + 37) }
    }

    private func wait() throws -> Wait? {
        guard let kind = try row.optionalInt(start + 26) else { return nil }
        let condition: Wait.Condition
        switch kind {
        case 0: condition = .event(stream: try row.text(start + 27), type: try row.text(start + 28), after: try row.int(start + 29))
        case 1: condition = .children(group: try row.text(start + 27))
        case 2: condition = .turn(trigger: try row.text(start + 27))
        default: throw StoreError.unknownRow
        }
        return Wait(condition, step: try row.optionalText(start + 30), deadline: try span(31))
    }

    private func labels() throws -> [String: String] {
        guard let text = try row.optionalText(start + 7) else { return [:] }
        guard case .object(let members) = Payload(trusted: Array(text.utf8)).json else { throw StoreError.unknownRow }
        var labels: [String: String] = [:]
        for member in members { labels[member.name] = member.value.stringValue }
        return labels
    }

    private func text(_ column: Int) throws -> String? { try row.optionalText(start + column).map { String(stored: $0) } }
    private func span(_ column: Int) throws -> Duration? { try row.optionalInt64(start + column).map { .microseconds($0) } }
    private func payload(_ column: Int) throws -> Payload? { try row.optionalText(start + column).map { Payload(trusted: Array($0.utf8)) } }
}
