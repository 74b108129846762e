extension MemoryState {
    /// Ends a job by whatever transition, with everything that hangs on its end.
    mutating func finish(_ id: JobID, _ outcome: Outcome, at now: Timestamp, _ change: (inout JobRecord) -> Void = { _ in }) {
        update(id) { job in
            change(&job.record)
            job.record.phase = .finished
            job.record.outcome = outcome
            job.record.finishedAt = now
        }
        guard let record = jobs[id]?.record else { return }
        if let key = record.key {
            let name = MemoryKey.Name(tenant: record.tenant, name: key)
            if let row = keys[name], row.job == id, row.isUntilFinished { setKey(name, nil) }
        }
        if let parent = record.parent { releaseParent(parent, at: now) }
        if let trigger = record.trigger { releaseTurn(of: trigger, at: now) }
    }

    /// Makes a job that was running ready, unless somebody has asked it to stop.
    mutating func goBack(_ id: JobID, dueAt: Timestamp, at now: Timestamp) {
        if jobs[id]?.record.isCancelRequested == true {
            finish(id, .cancelled, at: now)
        } else {
            update(id) { job in
                job.record.phase = .ready
                job.record.dueAt = dueAt
            }
        }
    }

    /// Ends a wait: the step receives its result, and the job is due at once.
    mutating func endWait(_ id: JobID, with result: WaitResult?, at now: Timestamp) {
        guard let wait = jobs[id]?.record.wait else { return }
        if let step = wait.step, let result { writeStep(NewStep(name: step, result: result.payload), of: id, at: now) }
        update(id) { job in
            job.record.phase = .ready
            job.record.dueAt = now
        }
    }

    /// What a wait for this group ends with; `nil` while one of the group is unfinished.
    func groupResult(_ group: NewJob.Parent) -> WaitResult? {
        let counts = indexes.groups[group] ?? Counts()
        return counts.unfinished == 0 ? .children(succeeded: counts.succeeded, failed: counts.failed, cancelled: counts.cancelled) : nil
    }

    private mutating func releaseParent(_ group: NewJob.Parent, at now: Timestamp) {
        guard case .children(group.group) = jobs[group.job]?.record.wait?.condition, let result = groupResult(group) else { return }
        endWait(group.job, with: result, at: now)
    }

    private mutating func releaseTurn(of trigger: String, at now: Timestamp) {
        guard let known = indexes.triggers[trigger], let oldest = known.inTurn.first, known.inTurn.count == known.unfinished.count else { return }
        endWait(oldest, with: nil, at: now)
    }
}
