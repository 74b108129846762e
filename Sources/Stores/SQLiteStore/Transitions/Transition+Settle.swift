import Database
import MartletCore

extension Transition {
    func settle(_ settlements: [Settlement]) throws -> [SettleResult] {
        try Self.checkBatch(settlements.count, "settlements")
        return try settlements.map(settle)
    }

    private func settle(_ settlement: Settlement) throws -> SettleResult {
        let lease = settlement.lease
        guard let row = try current(lease.job) else { return .refused(.leaseLost(lease)) }
        guard row.isHeld(by: lease, at: now) else {
            guard row.settledEpoch == lease.epoch, lease.epoch > 0 else { return .refused(.leaseLost(lease)) }
            return .alreadySettled(row.phase, row.outcome)
        }
        if let fault = settlement.fault { return .refused(fault) }
        let isBare = settlement.steps.isEmpty && settlement.children.isEmpty && settlement.events.isEmpty
        if isBare {
            try end(settlement, row)
        } else {
            if let refusal = try attach(settlement) { return .refused(refusal) }
            for var event in settlement.events {
                event.lease = nil
                _ = try append(event)
            }
            // What hangs on an event or a child may have changed the job itself.
            guard let current = try current(lease.job) else { return .refused(.leaseLost(lease)) }
            try end(settlement, current)
        }
        guard case .succeeded = settlement.disposition else {
            guard let ended = try current(lease.job) else { return .refused(.leaseLost(lease)) }
            return .settled(ended.phase, ended.outcome)
        }
        return .settled(.finished, .succeeded)
    }

    /// Steps and children, all or none (invariant 9); answers why not.
    private func attach(_ settlement: Settlement) throws -> StoreError? {
        if settlement.children.isEmpty {
            for step in settlement.steps { _ = try writeStep(step, of: settlement.lease.job) }
            return nil
        }
        // The counts of what came before are written first: what is undone is then what this settlement did, in memory as in the file.
        try flush()
        do {
            try connection.savepoint {
                for step in settlement.steps { _ = try writeStep(step, of: settlement.lease.job) }
                for child in settlement.children {
                    if case .refused(let error) = try accept(child, isAdmitted: true) { throw RefusedChild(reason: error) }
                }
                try flush()
            }
            return nil
        } catch let refused as RefusedChild {
            try forget()
            return refused.reason
        }
    }

    private struct RefusedChild: Error {
        var reason: StoreError
    }

    private func end(_ settlement: Settlement, _ old: JobRow) throws {
        if let progress = settlement.progress { try setProgress(progress, of: old.id) }
        var row = old
        row.settledEpoch = settlement.lease.epoch
        switch settlement.disposition {
        case .succeeded(let result): try succeed(row, was: old, result)
        case .failed(let failure, let retryAfter):
            row.error = failure
            if let retryAfter, row.attempt < row.maxAttempts {
                try goBack(row, was: old, dueAt: now + retryAfter)
            } else {
                try finish(row, was: old, .failed)
            }
        case .cancelled(let reason):
            if let reason { row.error = Failure(kind: "cancelled", message: reason) }
            try finish(row, was: old, .cancelled)
        case .snoozed(let delay):
            row.attempt -= 1
            try goBack(row, was: old, dueAt: now + delay)
        case .released:
            row.attempt -= 1
            try goBack(row, was: old, dueAt: now)
        case .waiting(let wait):
            row.attempt -= 1
            try self.wait(row, was: old, for: wait)
        }
    }

    private func succeed(_ changed: JobRow, was old: JobRow, _ result: Payload?) throws {
        var row = changed
        row.phase = .finished
        row.outcome = .succeeded
        row.finishedAt = now
        row.error = nil
        let statement = try connection.prepare(JobQueries.succeed).bind(now).bind(row.settledEpoch)
        try bindBody(result, of: row.id, .result, to: statement)
        try statement.bind(row.id).run()
        try move(row, was: old)
        try afterFinish(row)
    }

    func setProgress(_ progress: Progress, of id: JobID) throws {
        try connection.prepare(JobQueries.setProgress).bind(progress.fraction).bind(progress.message).bind(id).run()
        touch(id)
    }

    private func wait(_ changed: JobRow, was old: JobRow, for wait: Wait) throws {
        if changed.isCancelRequested { return try finish(changed, was: old, .cancelled) }
        var row = changed
        row.phase = .waiting
        row.dueAt = wait.deadline.map { now + $0 } ?? .distantFuture
        try save(row, was: old)
        try addWait(wait, of: row.id)
        if let result = try result(of: wait.condition, for: row.id) { try endWait(row, wait, with: result) }
    }

    /// What a wait would end with at once; `nil` where it has to wait.
    private func result(of condition: Wait.Condition, for id: JobID) throws -> WaitResult? {
        switch condition {
        case .event(let stream, let type, let after): try firstEvent(of: stream, type, after: after).map(WaitResult.event)
        case .children(let group): try groupResult(NewJob.Parent(job: id, group: group))
        case .turn: nil
        }
    }
}
