extension MemoryState {
    mutating func enqueue(_ jobs: [NewJob], at now: Timestamp) throws(StoreError) -> [Enqueued] {
        try Self.checkBatch(jobs.count, "jobs")
        return jobs.map { job in
            if let history = job.history { adopt(job, history, at: now) } else { accept(job, at: now, isAdmitted: false) }
        }
    }

    static func checkBatch(_ count: Int, _ field: String) throws(StoreError) {
        guard count <= Limits.batch else { throw .invalid(field: field, reason: "must not be more than \(Limits.batch)") }
    }

    /// Takes in one job, or says why not.
    /// - Parameters:
    ///   - isAdmitted: `true` for the jobs that no full queue refuses: children, and those of triggers.
    ///   - wait: where the job has to wait for its turn.
    mutating func accept(_ job: NewJob, at now: Timestamp, isAdmitted: Bool, wait: Wait? = nil) -> Enqueued {
        if let fault = job.fault { return .refused(fault) }
        if let existing = jobs[job.id]?.record { return existing.answer(to: job) }
        if let key = job.key, let row = keys[MemoryKey.Name(tenant: job.tenant, name: key.name)], row.isTaken(at: now) {
            return collide(job, key, with: row.job, at: now)
        }
        if !isAdmitted, let refusal = refusal(of: job) { return .refused(refusal) }
        var made = MemoryJob(record: JobRecord(accepting: job, at: now), keyScope: job.key?.scope)
        if let wait {
            made.record.phase = .waiting
            made.record.wait = wait
            made.record.dueAt = .distantFuture
        }
        add(made)
        if let key = job.key { setKey(MemoryKey.Name(tenant: job.tenant, name: key.name), made.keyRow(key.scope, at: now)) }
        return .accepted(made.record)
    }

    private mutating func collide(_ job: NewJob, _ key: IdempotencyKey, with holder: JobID, at now: Timestamp) -> Enqueued {
        guard let existing = jobs[holder]?.record, key.conflict != .reject else { return .refused(.keyTaken(key: key.name, by: holder)) }
        guard key.conflict == .replace, existing.phase == .ready else { return .duplicate(existing, replaced: false) }
        update(holder) { kept in
            kept.record.kind = job.kind
            kept.record.payload = job.payload
            kept.record.priority = job.priority
            kept.record.dueAt = job.due.instant(at: now)
            kept.record.labels = job.labels
            kept.record.timeout = job.timeout
            kept.record.queueTimeout = job.queueTimeout
            kept.record.maxAttempts = job.maxAttempts
        }
        return jobs[holder].map { .duplicate($0.record, replaced: true) } ?? .refused(.keyTaken(key: key.name, by: holder))
    }

    private mutating func refusal(of job: NewJob) -> StoreError? {
        guard let queue = queues[job.queue] else { return nil }
        let depth = indexes.queues[job.queue]?.counts.ready ?? 0
        var isAdmitted = true
        changeQueue(job.queue) { isAdmitted = $0.admission.admits(job.priority, depth: depth, queue.policy) }
        guard !isAdmitted, let high = queue.policy.highWater else { return nil }
        let excess = max(0, depth - (queue.policy.lowWater ?? high * 3 / 5))
        return .queueFull(queue: job.queue, depth: depth, retryAfter: .seconds(min(60, 1 + excess / 1000)))
    }
}

extension JobRecord {
    /// The row of a job that was just accepted, or adopted where it brings a history along.
    package init(accepting job: NewJob, at now: Timestamp) {
        self.init(
            id: job.id, kind: job.kind, queue: job.queue, tenant: job.tenant, priority: job.priority, payload: job.payload, key: job.key?.name,
            labels: job.labels, timeout: job.timeout, queueTimeout: job.queueTimeout, maxAttempts: job.maxAttempts, parent: job.parent,
            trigger: job.trigger, phase: .ready, outcome: nil, attempt: 0, epoch: 0, settledEpoch: 0, deaths: 0, node: nil,
            isCancelRequested: false, dueAt: job.due.instant(at: now), createdAt: now)
        if let history = job.history { adopt(history) }
    }

    private mutating func adopt(_ history: JobHistory) {
        (phase, outcome, attempt, epoch) = (history.phase, history.outcome, history.attempt, history.epoch)
        (settledEpoch, deaths, node) = (history.settledEpoch, history.deaths, history.node)
        isCancelRequested = history.isCancelRequested
        (createdAt, startedAt, finishedAt) = (history.createdAt, history.startedAt, history.finishedAt)
        (wait, progress, result, error) = (history.wait, history.progress, history.result, history.error)
    }

    /// What stands for a job whose id is that of this one.
    package func answer(to job: NewJob) -> Enqueued {
        let isSame = (kind, queue, tenant, payload) == (job.kind, job.queue, job.tenant, job.payload)
        return isSame ? .duplicate(self, replaced: false) : .refused(.idTaken(id))
    }

    /// Whether a store that keeps this job may put a later state of it in its place: it is the same job, nobody has had it since, and, its
    /// queue being paused, nobody can have it now.
    package func givesWay(to job: NewJob, _ history: JobHistory, isPaused: Bool) -> Bool {
        isPaused && (phase == .ready || phase == .waiting) && epoch <= history.epoch && createdAt == history.createdAt
            && (queue, tenant) == (job.queue, job.tenant)
    }
}

extension NewJob.Due {
    /// The instant this is at, seen from `now`.
    package func instant(at now: Timestamp) -> Timestamp {
        switch self {
        case .after(let delay): now + delay
        case .at(let instant): instant
        }
    }
}
