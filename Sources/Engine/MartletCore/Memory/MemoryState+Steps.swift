extension MemoryState {
    mutating func record(_ steps: [NewStep], under lease: Lease, at now: Timestamp) throws(StoreError) -> [Step] {
        guard isCurrent(lease, at: now) else { throw .leaseLost(lease) }
        if let fault = steps.lazy.compactMap(\.fault).first { throw fault }
        return steps.map { writeStep($0, of: lease.job, at: now) }
    }

    /// Invariant 2: the job runs, this is its last epoch, and a lease of its own has not expired.
    func isCurrent(_ lease: Lease, at now: Timestamp) -> Bool {
        guard let job = jobs[lease.job], job.record.phase == .running, job.record.epoch == lease.epoch else { return false }
        return job.leaseExpiry.map { $0 > now } ?? true
    }

    /// Writes a step where the stored one is not final (invariant 4), and answers the stored one.
    @discardableResult
    mutating func writeStep(_ step: NewStep, of id: JobID, at now: Timestamp) -> Step {
        let written = Step(name: step.name, state: step.state, result: step.result, recordedAt: now)
        var stored = written
        update(id) { job in
            guard let position = job.steps.firstIndex(where: { $0.name == step.name }) else {
                job.steps.append(written)
                return
            }
            if job.steps[position].state == .intended, step.state == .done { job.steps[position] = written }
            stored = job.steps[position]
        }
        return stored
    }
}
