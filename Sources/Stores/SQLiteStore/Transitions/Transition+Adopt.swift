import Database
import MartletCore

extension Transition {
    private static let insert = Query(
        """
        INSERT INTO jobs (id, lane, queue, class, phase, outcome, due, attempt, epoch, settled, deaths, max_attempts, cancel, node, created,
            started, finished, timeout, queue_timeout, key_name, key_scope, parent, parent_group, trigger_name, error_kind, error_message,
            labels, progress, progress_message, payload, result)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    private static let addStep = Query("INSERT INTO steps (job, name, state, at, result) VALUES (?, ?, ?, ?, ?)")
    private static let dropKey = Query("DELETE FROM keys WHERE tenant = ? AND name = ? AND job = ?")

    /// Takes in a job as it stood in another store. No full queue refuses it.
    func adopt(_ job: NewJob, _ history: JobHistory) throws -> Enqueued {
        if let fault = job.fault { return .refused(fault) }
        let kept = try record(job.id)
        if let kept, !kept.givesWay(to: job, history, isPaused: ledger.queue(named: job.queue)?.isPaused == true) {
            return kept.answer(to: job)
        }
        let key = job.key.flatMap { history.keepsKey($0.scope, at: now) ? $0 : nil }
        if let key, let row = try self.key(key.name, of: job.tenant), row.isTaken(at: now), row.job != job.id {
            return .refused(.keyTaken(key: key.name, by: row.job))
        }
        if let kept {
            if let name = kept.key { try connection.prepare(Self.dropKey).bind(kept.tenant).bind(name).bind(kept.id).run() }
            if let row = try current(job.id) { try discard(row) }
        }
        try insert(JobRecord(accepting: job, at: now), history, scope: job.key?.scope)
        if let key { try setKey(key.name, of: job.tenant, job: job.id, key.scope, since: history.createdAt) }
        try endWaitAtOnce(job.id, history.wait)
        guard let record = try record(job.id) else { throw DatabaseFailure.unknownCode }
        return kept == nil ? .accepted(record) : .duplicate(record, replaced: true)
    }

    private func insert(_ record: JobRecord, _ history: JobHistory, scope: IdempotencyKey.Scope?) throws {
        let lane = try self.lane(named: LaneName(queue: record.queue, kind: record.kind, tenant: record.tenant))
        guard let queue = ledger.lanes[lane]?.queue else { throw DatabaseFailure.unknownCode }
        let statement = try connection.prepare(Self.insert).bind(record.id).bind(lane).bind(queue)
        statement.bind(record.priority.level + (record.isSuspect ? 4 : 0)).bind(record.phase.code)
        statement.bind(record.outcome.map { Int64($0.code) }).bind(record.dueAt).bind(record.attempt).bind(record.epoch)
        statement.bind(record.settledEpoch).bind(record.deaths).bind(record.maxAttempts).bind(record.isCancelRequested)
        statement.bind(record.node?.name).bind(record.createdAt).bind(record.startedAt).bind(record.finishedAt).bind(record.timeout)
        statement.bind(record.queueTimeout).bind(record.key).bind(scope.map { Int64(KeyScope($0).rawValue) })
        if let parent = record.parent { statement.bind(parent.job).bind(parent.group) } else { statement.bindNull().bindNull() }
        statement.bind(record.trigger).bind(record.error?.kind).bind(record.error?.message).bind(Labels.encode(record.labels))
        statement.bind(record.progress?.fraction).bind(record.progress?.message)
        try bindBody(record.payload, of: record.id, .payload, to: statement)
        try bindBody(record.result, of: record.id, .result, to: statement)
        try statement.run()
        for step in history.steps {
            let statement = try connection.prepare(Self.addStep).bind(record.id).bind(step.name).bind(step.state.code).bind(step.recordedAt)
            try statement.bind(step.result.utf8).run()
        }
        if let wait = record.wait { try addWait(wait, of: record.id) }
        guard let row = try jobs.row(record.id) else { throw DatabaseFailure.unknownCode }
        ledger.count(row.standing, in: lane, of: queue, by: 1)
        try mark(row, was: nil)
        touch(row.id)
        if row.phase == .ready { touchWork() }
    }

    /// Children may come after their parent: only an event that is there already can tell at once that a wait is over.
    private func endWaitAtOnce(_ id: JobID, _ wait: Wait?) throws {
        guard let wait, case .event(let stream, let type, let after) = wait.condition, let row = try current(id),
            let event = try firstEvent(of: stream, type, after: after)
        else { return }
        try endWait(row, wait, with: .event(event))
    }

    // MARK: Events

    private static let eventAt = Query("SELECT at, type, data FROM events WHERE stream = ? AND sequence = ?")
    private static let moveStream = Query(
        "UPDATE streams SET first = CASE WHEN ?4 THEN ?2 ELSE first END, last = ?2, oldest = coalesce(oldest, ?3) WHERE id = ?1")

    /// Writes an event where it stood in another store; what is there already stays.
    func adopt(_ event: NewEvent, _ history: EventHistory) throws -> Appended {
        let known = try stream(named: event.stream)
        if let known, history.sequence <= known.last {
            let kept = try connection.prepare(Self.eventAt).bind(known.id).bind(history.sequence).first { row in
                row.time(0) == history.at && row.text(1) == event.type && row.bytes(2) == Array(event.data.utf8)
            }
            return kept ?? true ? .at(sequence: history.sequence) : .refused(.otherEvent(history.sequence))
        }
        if let known, known.last > 0, history.sequence != known.last + 1 { return .refused(.gap(after: known.last)) }
        let stream = try known ?? makeStream(named: event.stream)
        try connection.prepare(Self.moveStream).bind(stream.id).bind(history.sequence).bind(history.at).bind(stream.last == 0).run()
        ledger.streams.change(event.stream) { $0.last = history.sequence }
        try write(Event(stream: event.stream, sequence: history.sequence, at: history.at, type: event.type, data: event.data), to: stream.id)
        return .at(sequence: history.sequence)
    }
}
