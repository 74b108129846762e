extension MemoryState {
    mutating func cancel(_ id: JobID, at now: Timestamp) throws(StoreError) -> JobRecord {
        let record = try find(id)
        if record.phase == .finished { throw .wrongPhase(id, .finished) }
        stop(record, at: now)
        return try find(id)
    }

    /// Finishes an unfinished job, or asks a running one to stop.
    mutating func stop(_ record: JobRecord, at now: Timestamp) {
        switch record.phase {
        case .ready, .waiting: finish(record.id, .cancelled, at: now)
        case .running: update(record.id) { $0.record.isCancelRequested = true }
        case .finished: break
        }
    }

    mutating func revive(_ id: JobID, at now: Timestamp) throws(StoreError) -> JobRecord {
        let record = try find(id)
        guard record.phase == .finished else { throw .wrongPhase(id, record.phase) }
        if let key = record.key, case .untilFinished = jobs[id]?.keyScope {
            let name = MemoryKey.Name(tenant: record.tenant, name: key)
            if let row = keys[name], row.isTaken(at: now), row.job != id { throw .keyTaken(key: key, by: row.job) }
            setKey(name, MemoryKey(job: id, expiresAt: nil, isUntilFinished: true))
        }
        update(id, isRevive: true) { job in
            job.record.phase = .ready
            job.record.outcome = nil
            job.record.attempt = 0
            job.record.deaths = 0
            job.record.dueAt = now
            job.record.finishedAt = nil
            job.record.error = nil
            job.record.result = nil
            job.record.isCancelRequested = false
        }
        return try find(id)
    }

    private func find(_ id: JobID) throws(StoreError) -> JobRecord {
        guard let record = jobs[id]?.record else { throw .notFound("job \(id)") }
        return record
    }
}
