import Database
import MartletCore

extension Transition {
    func cancel(_ id: JobID) throws -> JobRecord {
        guard let row = try current(id) else { throw StoreError.notFound("job \(id)") }
        if row.phase == .finished { throw StoreError.wrongPhase(id, .finished) }
        try stop(row)
        return try find(id)
    }

    /// Finishes an unfinished job, or asks a running one to stop.
    func stop(_ row: JobRow) throws {
        switch row.phase {
        case .ready, .waiting: try finish(row, was: row, .cancelled)
        case .running:
            var asked = row
            asked.isCancelRequested = true
            try save(asked, was: row)
        case .finished: break
        }
    }

    func revive(_ id: JobID) throws -> JobRecord {
        guard let old = try current(id) else { throw StoreError.notFound("job \(id)") }
        guard old.phase == .finished else { throw StoreError.wrongPhase(id, old.phase) }
        if let key = old.key, old.keyScope == .untilFinished {
            let tenant = try lane(old.lane).name.tenant
            if let row = try self.key(key, of: tenant), row.isTaken(at: now), row.job != id { throw StoreError.keyTaken(key: key, by: row.job) }
            try setKey(key, of: tenant, job: id, .untilFinished)
        }
        var row = old
        row.phase = .ready
        row.outcome = nil
        row.attempt = 0
        row.deaths = 0
        row.dueAt = now
        row.finishedAt = nil
        row.error = nil
        row.isCancelRequested = false
        try save(row, was: old)
        try connection.prepare(JobQueries.setResult).bindNull().bind(id).run()
        return try find(id)
    }

    private func find(_ id: JobID) throws -> JobRecord {
        guard let record = try record(id) else { throw StoreError.notFound("job \(id)") }
        return record
    }
}
