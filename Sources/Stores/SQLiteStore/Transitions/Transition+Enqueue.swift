import Database
import MartletCore

extension Transition {
    func enqueue(_ jobs: [NewJob]) throws -> [Enqueued] {
        try Self.checkBatch(jobs.count, "jobs")
        return try jobs.map { job in
            if let history = job.history { return try adopt(job, history) }
            return try accept(job, isAdmitted: false)
        }
    }

    static func checkBatch(_ count: Int, _ field: String) throws(StoreError) {
        guard count <= Limits.batch else { throw .invalid(field: field, reason: "must not be more than \(Limits.batch)") }
    }

    /// Takes in one job, or says why not.
    /// - Parameters:
    ///   - isAdmitted: `true` for the jobs that no full queue refuses: children, and those of triggers.
    ///   - wait: where the job has to wait for its turn.
    func accept(_ job: NewJob, isAdmitted: Bool, wait: Wait? = nil) throws -> Enqueued {
        if let fault = job.fault { return .refused(fault) }
        let limitsQueue = !isAdmitted && ledger.queue(named: job.queue)?.policy.highWater != nil
        // Nothing has to be decided between looking for the id and taking it: then the insert itself looks. A queue that is not there yet
        // must not come into being for a job that is refused.
        let isPlain = job.key == nil && !limitsQueue && ledger.queue(named: job.queue) != nil
        if !isPlain, let known = try existing(job) { return known }
        if let key = job.key, let row = try self.key(key.name, of: job.tenant), row.isTaken(at: now) {
            return try collide(job, key, with: row.job)
        }
        if limitsQueue, let refusal = refusal(of: job) { return .refused(refusal) }
        var record = JobRecord(accepting: job, at: now)
        if let wait {
            record.phase = .waiting
            record.wait = wait
            record.dueAt = .distantFuture
        }
        guard try insert(record, scope: job.key?.scope) else { return try existing(job) ?? .refused(.idTaken(job.id)) }
        if let wait { try addWait(wait, of: job.id) }
        if let key = job.key { try setKey(key.name, of: job.tenant, job: job.id, key.scope) }
        return .accepted(record)
    }

    /// What stands for a job whose id is there already.
    private func existing(_ job: NewJob) throws -> Enqueued? {
        try record(job.id)?.answer(to: job)
    }

    /// `false` where the id is taken.
    private func insert(_ record: JobRecord, scope: IdempotencyKey.Scope?) throws -> Bool {
        let id = record.id
        let lane = try self.lane(named: LaneName(queue: record.queue, kind: record.kind, tenant: record.tenant))
        guard let queue = ledger.lanes[lane]?.queue else { throw DatabaseFailure.unknownCode }
        let statement = try connection.prepare(JobQueries.insert)
        statement.bind(id).bind(lane).bind(queue).bind(record.priority.level).bind(record.phase.code).bind(record.dueAt)
        statement.bind(record.maxAttempts).bind(now).bind(record.timeout).bind(record.queueTimeout).bind(record.key)
        statement.bind(scope.map { Int64(KeyScope($0).rawValue) })
        if let parent = record.parent { statement.bind(parent.job).bind(parent.group) } else { statement.bindNull().bindNull() }
        statement.bind(record.trigger).bind(Labels.encode(record.labels))
        let isLarge = record.payload.utf8.count > JobRow.inlineMax
        if isLarge { statement.bind(record.payload.utf8.count) } else { statement.bind(record.payload.utf8) }
        try statement.run()
        guard connection.changes > 0 else { return false }
        if isLarge { try connection.prepare(JobQueries.setBody).bind(id).bind(BodyPart.payload.rawValue).bind(record.payload.utf8).run() }
        let standing = Standing(phase: record.phase, outcome: nil, dueAt: record.dueAt, isSuspect: false)
        ledger.count(standing, in: lane, of: queue, by: 1)
        if record.hasMarks { try mark(try jobs.row(id), was: nil) }
        touch(id)
        if record.phase == .ready { touchWork() }
        return true
    }

    private func collide(_ job: NewJob, _ key: IdempotencyKey, with holder: JobID) throws -> Enqueued {
        guard key.conflict != .reject, let existing = try record(holder) else { return .refused(.keyTaken(key: key.name, by: holder)) }
        guard key.conflict == .replace, existing.phase == .ready, let old = try jobs.row(holder) else {
            return .duplicate(existing, replaced: false)
        }
        var new = old
        // The holder keeps its queue and tenant.
        new.lane = try lane(named: LaneName(queue: existing.queue, kind: job.kind, tenant: existing.tenant))
        new.priority = job.priority
        new.dueAt = job.due.instant(at: now)
        new.timeout = job.timeout
        new.queueTimeout = job.queueTimeout
        new.maxAttempts = job.maxAttempts
        try save(new, was: old)
        let statement = try connection.prepare(JobQueries.setContent).bind(Labels.encode(job.labels))
        try bindBody(job.payload, of: holder, .payload, to: statement)
        try statement.bind(holder).run()
        return try record(holder).map { .duplicate($0, replaced: true) } ?? .refused(.keyTaken(key: key.name, by: holder))
    }

    private func refusal(of job: NewJob) -> StoreError? {
        guard let queue = ledger.queue(named: job.queue), let high = queue.policy.highWater else { return nil }
        let depth = queue.counts.ready
        var admission = queue.admission
        let isAdmitted = admission.admits(job.priority, depth: depth, queue.policy)
        if admission != queue.admission { ledger.queues.change(queue.id) { $0.admission = admission } }
        if isAdmitted { return nil }
        let excess = max(0, depth - (queue.policy.lowWater ?? high * 3 / 5))
        return .queueFull(queue: job.queue, depth: depth, retryAfter: .seconds(min(60, 1 + excess / 1000)))
    }
}

extension JobRecord {
    /// Whether a job that was just accepted is to be found by more than its lane.
    fileprivate var hasMarks: Bool { parent != nil || trigger != nil || key != nil || queueTimeout != nil || phase == .waiting }
}
