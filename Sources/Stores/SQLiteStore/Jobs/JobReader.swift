import Database
import MartletCore

/// Puts jobs together from their rows; on the writer's connection and on the readers'.
struct JobReader {
    let connection: Connection

    func row(_ id: JobID) throws -> JobRow? {
        try connection.prepare(JobQueries.row).bind(id).first(JobRow.init)
    }

    /// The row and the rest of a job.
    func whole(_ id: JobID) throws -> (row: JobRow, details: JobDetails)? {
        try connection.prepare(JobQueries.whole).bind(id).first { (try JobRow($0), try JobDetails($0)) }
    }

    func record(_ row: JobRow, _ details: JobDetails, _ lane: LaneName) throws -> JobRecord {
        var job = NewJob(id: row.id, kind: lane.kind, payload: try body(details.payload, of: row.id, .payload) ?? .null)
        job.queue = lane.queue
        job.tenant = lane.tenant
        job.priority = row.priority
        job.due = .at(row.dueAt)
        job.timeout = row.timeout
        job.queueTimeout = row.queueTimeout
        job.maxAttempts = row.maxAttempts
        job.labels = details.labels
        job.parent = row.parent
        job.trigger = row.trigger
        var record = JobRecord(accepting: job, at: row.createdAt)
        record.key = row.key
        record.phase = row.phase
        record.outcome = row.outcome
        record.attempt = row.attempt
        record.epoch = row.epoch
        record.settledEpoch = row.settledEpoch
        record.deaths = row.deaths
        record.node = row.node
        record.isCancelRequested = row.isCancelRequested
        record.startedAt = row.startedAt
        record.finishedAt = row.finishedAt
        record.wait = row.phase == .waiting ? try wait(of: row.id) : nil
        record.progress = details.progress
        record.result = try body(details.result, of: row.id, .result)
        record.error = row.error
        return record
    }

    func steps(of id: JobID) throws -> [Step] {
        try connection.prepare(JobQueries.steps).bind(id).map { row in
            Step(
                name: row.text(0), state: row.int(1) == 1 ? .done : .intended, result: Payload(trusted: row.bytes(3)),
                recordedAt: row.time(2))
        }
    }

    func wait(of id: JobID) throws -> Wait? {
        try connection.prepare(JobQueries.wait).bind(id).first { row in
            let condition: Wait.Condition
            switch row.int(0) {
            case 0: condition = .event(stream: row.text(1), type: row.text(2), after: row.int(3))
            case 1: condition = .children(group: row.text(1))
            case 2: condition = .turn(trigger: row.text(1))
            default: throw DatabaseFailure.unknownCode
            }
            return Wait(condition, step: row.optionalText(4), deadline: row.optionalSpan(5))
        }
    }

    private func body(_ body: JobDetails.Body, of id: JobID, _ part: BodyPart) throws -> Payload? {
        switch body {
        case .none: return nil
        case .inline(let bytes): return Payload(trusted: bytes)
        case .elsewhere:
            let bytes = try connection.prepare(JobQueries.body).bind(id).bind(part.rawValue).first { $0.bytes(0) }
            guard let bytes else { throw DatabaseFailure.unknownCode }
            return Payload(trusted: bytes)
        }
    }
}
