import Database
import MartletCore

extension Transition {
    private static let oldestTurn = Query("SELECT job FROM waits WHERE condition = 2 AND name = ? ORDER BY job LIMIT 1")
    /// An unfinished job of the trigger that does not wait for its turn.
    private static let busyTrigger = Query(
        """
        SELECT 1 FROM marks WHERE sort = 3 AND name = ? AND NOT EXISTS (SELECT 1 FROM waits WHERE waits.job = marks.job AND condition = 2) LIMIT 1
        """)

    /// Ends a job by whatever transition, with everything that hangs on its end. `changed` may differ from `old` in other ways too.
    func finish(_ changed: JobRow, was old: JobRow, _ outcome: Outcome) throws {
        var row = changed
        row.phase = .finished
        row.outcome = outcome
        row.finishedAt = now
        try save(row, was: old)
        try afterFinish(row)
    }

    /// What hangs on the end of a job.
    func afterFinish(_ row: JobRow) throws {
        if let key = row.key, row.keyScope == .untilFinished {
            try releaseKey(key, of: try lane(row.lane).name.tenant, job: row.id)
        }
        if let parent = row.parent { try releaseParent(parent) }
        if let trigger = row.trigger { try releaseTurn(of: trigger) }
    }

    /// Makes a job that was running ready, unless somebody has asked it to stop.
    func goBack(_ changed: JobRow, was old: JobRow, dueAt: Timestamp) throws {
        if changed.isCancelRequested { return try finish(changed, was: old, .cancelled) }
        var row = changed
        row.phase = .ready
        row.dueAt = dueAt
        try save(row, was: old)
    }

    /// Ends a wait: the step receives its result, and the job is due at once.
    func endWait(_ row: JobRow, _ wait: Wait, with result: WaitResult?) throws {
        if let step = wait.step, let result { _ = try writeStep(NewStep(name: step, result: result.payload), of: row.id) }
        var ready = row
        ready.phase = .ready
        ready.dueAt = now
        try save(ready, was: row)
    }

    private func releaseParent(_ group: NewJob.Parent) throws {
        guard let parent = try current(group.job), parent.phase == .waiting, let wait = try jobs.wait(of: group.job),
            case .children(group.group) = wait.condition, let result = try groupResult(group)
        else { return }
        try endWait(parent, wait, with: result)
    }

    private func releaseTurn(of trigger: String) throws {
        guard let oldest = try connection.prepare(Self.oldestTurn).bind(trigger).first({ try $0.id(0) }),
            try connection.prepare(Self.busyTrigger).bind(trigger).first({ _ in true }) == nil,
            let row = try current(oldest)
        else { return }
        try endWait(row, Wait(.turn(trigger: trigger), step: nil), with: nil)
    }
}
