extension MemoryState {
    mutating func settle(_ settlements: [Settlement], at now: Timestamp) throws(StoreError) -> [SettleResult] {
        try Self.checkBatch(settlements.count, "settlements")
        return settlements.map { settle($0, at: now) }
    }

    private mutating func settle(_ settlement: Settlement, at now: Timestamp) -> SettleResult {
        let lease = settlement.lease
        guard isCurrent(lease, at: now) else {
            guard let record = jobs[lease.job]?.record, record.settledEpoch == lease.epoch, lease.epoch > 0 else {
                return .refused(.leaseLost(lease))
            }
            return .alreadySettled(record.phase, record.outcome)
        }
        if let fault = settlement.fault { return .refused(fault) }
        let refusal = attempt { state in
            for step in settlement.steps { state.writeStep(step, of: lease.job, at: now) }
            for child in settlement.children {
                if case .refused(let error) = state.accept(child, at: now, isAdmitted: true) { return error }
            }
            return nil
        }
        if let refusal { return .refused(refusal) }
        for var event in settlement.events {
            event.lease = nil
            append(event, at: now)
        }
        update(lease.job) { job in
            if let progress = settlement.progress { job.record.progress = progress }
            job.record.settledEpoch = lease.epoch
        }
        end(lease.job, settlement.disposition, at: now)
        guard let record = jobs[lease.job]?.record else { return .refused(.leaseLost(lease)) }
        return .settled(record.phase, record.outcome)
    }

    private mutating func end(_ id: JobID, _ disposition: Settlement.Disposition, at now: Timestamp) {
        switch disposition {
        case .succeeded(let result):
            finish(id, .succeeded, at: now) { record in
                record.result = result
                record.error = nil
            }
        case .failed(let failure, let retryAfter):
            update(id) { $0.record.error = failure }
            if let retryAfter, let record = jobs[id]?.record, record.attempt < record.maxAttempts {
                goBack(id, dueAt: now + retryAfter, at: now)
            } else {
                finish(id, .failed, at: now)
            }
        case .cancelled(let reason):
            finish(id, .cancelled, at: now) { record in
                if let reason { record.error = Failure(kind: "cancelled", message: reason) }
            }
        case .snoozed(let delay):
            giveBackAttempt(id)
            goBack(id, dueAt: now + delay, at: now)
        case .released:
            giveBackAttempt(id)
            goBack(id, dueAt: now, at: now)
        case .waiting(let wait):
            giveBackAttempt(id)
            self.wait(id, for: wait, at: now)
        }
    }

    private mutating func giveBackAttempt(_ id: JobID) {
        update(id) { $0.record.attempt -= 1 }
    }

    private mutating func wait(_ id: JobID, for wait: Wait, at now: Timestamp) {
        guard jobs[id]?.record.isCancelRequested == false else { return finish(id, .cancelled, at: now) }
        update(id) { job in
            job.record.phase = .waiting
            job.record.wait = wait
            job.record.dueAt = wait.deadline.map { now + $0 } ?? .distantFuture
        }
        if let result = result(of: wait.condition, for: id) { endWait(id, with: result, at: now) }
    }

    /// What a wait would end with at once; `nil` where it has to wait.
    private func result(of condition: Wait.Condition, for id: JobID) -> WaitResult? {
        switch condition {
        case .event(let stream, let type, let after): streams[stream]?.events(above: after).first { $0.type == type }.map(WaitResult.event)
        case .children(let group): groupResult(NewJob.Parent(job: id, group: group))
        case .turn: nil
        }
    }
}

extension Settlement {
    /// What is wrong with this settlement by itself; every store refuses one for which this is not `nil`.
    package var fault: StoreError? {
        let parts = [steps.lazy.compactMap(\.fault).first, events.lazy.compactMap(\.fault).first, children.lazy.compactMap(\.fault).first]
        if let fault = parts.lazy.compactMap({ $0 }).first { return fault }
        if children.contains(where: { $0.history != nil }) || events.contains(where: { $0.history != nil }) {
            return .invalid(field: "history", reason: "does not go with a settlement")
        }
        switch disposition {
        case .succeeded(let result?) where result.utf8.count > Limits.payloadBytes: return .tooLarge(field: "result", bytesMax: Limits.payloadBytes)
        case .waiting(let wait):
            if case .turn = wait.condition { return .invalid(field: "wait", reason: "for a turn is made by triggers alone") }
            return wait.step.flatMap { NewStep(name: $0, result: .null).fault }
        default: return nil
        }
    }
}
