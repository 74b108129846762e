extension MemoryState {
    /// Takes in a job as it stood in another store. No full queue refuses it.
    mutating func adopt(_ job: NewJob, _ history: JobHistory, at now: Timestamp) -> Enqueued {
        if let fault = job.fault { return .refused(fault) }
        let old = jobs[job.id]
        if let old, !old.record.givesWay(to: job, history, isPaused: queues[job.queue]?.isPaused == true) { return old.record.answer(to: job) }
        let key = job.key.flatMap { history.keepsKey($0.scope, at: now) ? $0 : nil }
        if let key, let row = keys[MemoryKey.Name(tenant: job.tenant, name: key.name)], row.isTaken(at: now), row.job != job.id {
            return .refused(.keyTaken(key: key.name, by: row.job))
        }
        let new = MemoryJob(record: JobRecord(accepting: job, at: now), steps: history.steps, keyScope: job.key?.scope)
        if let old {
            letGoOfKey(old.record)
            update(job.id) { $0 = new }
        } else {
            add(new)
        }
        if let key { setKey(MemoryKey.Name(tenant: job.tenant, name: key.name), new.keyRow(key.scope, at: history.createdAt)) }
        // Children may come after their parent: only its own stream of events can tell at once that a wait is over.
        if case .event(let stream, let type, let after)? = history.wait?.condition,
            let event = streams[stream]?.events(above: after).first(where: { $0.type == type })
        {
            endWait(job.id, with: .event(event), at: now)
        }
        let record = jobs[job.id]?.record ?? new.record
        return old == nil ? .accepted(record) : .duplicate(record, replaced: true)
    }

    private mutating func letGoOfKey(_ record: JobRecord) {
        guard let key = record.key else { return }
        let name = MemoryKey.Name(tenant: record.tenant, name: key)
        if keys[name]?.job == record.id { setKey(name, nil) }
    }

    /// Writes an event where it stood in another store; what is there already stays. Waiters are released, triggers are not asked: they were,
    /// where it came from.
    mutating func adopt(_ event: NewEvent, _ history: EventHistory, at now: Timestamp) -> Appended {
        let stream = streams[event.stream] ?? MemoryStream()
        if history.sequence <= stream.last {
            let kept = stream.events(above: history.sequence - 1).first { $0.sequence == history.sequence }
            let isSame = kept.map { ($0.type, $0.data, $0.at) == (event.type, event.data, history.at) } ?? true
            return isSame ? .at(sequence: history.sequence) : .refused(.otherEvent(history.sequence))
        }
        guard stream.last == 0 || history.sequence == stream.last + 1 else { return .refused(.gap(after: stream.last)) }
        if stream.last == 0 { streams[event.stream] = MemoryStream(beginningAt: history.sequence) }
        return write(event, at: history.at, now: now)
    }
}

extension StoreError {
    package static func otherEvent(_ sequence: Int) -> StoreError {
        .invalid(field: "sequence", reason: "\(sequence) belongs to another event of the stream")
    }

    package static func gap(after last: Int) -> StoreError {
        .invalid(field: "sequence", reason: "must follow \(last), the stream's last, without a gap")
    }
}
