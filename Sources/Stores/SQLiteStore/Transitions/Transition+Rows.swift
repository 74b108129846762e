import Database
import MartletCore

/// Changes of rows of `jobs`, with their counts.
extension Transition {
    private static let deleteWait = Query("DELETE FROM waits WHERE job = ?")
    private static let addWait = Query(
        "INSERT INTO waits (job, condition, name, type, after, step, deadline) VALUES (?, ?, ?, ?, ?, ?, ?)")

    /// The row of a job that is there.
    func current(_ id: JobID) throws -> JobRow? {
        if let known = ledger.running[id] { return known }
        return try jobs.row(id)
    }

    /// A running job is looked at again soon, when it settles.
    private func remember(_ row: JobRow) {
        if row.phase == .running { ledger.running[row.id] = row } else { ledger.running[row.id] = nil }
    }

    /// The job as callers see it.
    func record(_ id: JobID) throws -> JobRecord? {
        guard let (row, details) = try jobs.whole(id) else { return nil }
        return try jobs.record(row, details, try lane(row.lane).name)
    }

    /// Writes a row that was `old` and leaves the counts true. What belongs to one phase alone ends with it.
    @discardableResult
    func save(_ changed: JobRow, was old: JobRow) throws -> JobRow {
        var new = changed
        if new.phase != .running { new.expiresAt = nil }
        precondition(new.epoch >= old.epoch, "invariant 1: epochs strictly grow")
        if old.phase == .waiting, new.phase != .waiting { try removeWait(of: new.id) }
        let statement = try connection.prepare(JobQueries.save)
        statement.bind(new.lane).bind(new.rankClass).bind(new.phase.code).bind(new.outcome.map { Int64($0.code) }).bind(new.dueAt)
        statement.bind(new.attempt).bind(new.epoch).bind(new.settledEpoch).bind(new.deaths).bind(new.maxAttempts)
        statement.bind(new.isCancelRequested).bind(new.node?.name).bind(new.expiresAt).bind(new.startedAt)
        statement.bind(new.finishedAt).bind(new.timeout).bind(new.queueTimeout).bind(new.error?.kind).bind(new.error?.message)
        try statement.bind(new.id).run()
        try move(new, was: old)
        return new
    }

    /// Counts a job that was `old` where it is now, and notes who might care.
    func move(_ new: JobRow, was old: JobRow) throws {
        touch(new.id)
        remember(new)
        try mark(new, was: old)
        let isMoved = new.phase != old.phase || new.dueAt != old.dueAt
        if isMoved, new.phase == .ready || old.phase == .running { touchWork() }
        if new.phase == old.phase, new.outcome == old.outcome, new.dueAt == old.dueAt, new.lane == old.lane, new.rankClass == old.rankClass {
            return
        }
        if ledger.lanes[old.lane] == nil { _ = try lane(old.lane) }
        if new.lane == old.lane { return ledger.count(new.standing, was: old.standing, in: new.lane, of: new.queue) }
        ledger.count(old.standing, in: old.lane, of: old.queue, by: -1)
        ledger.count(new.standing, in: new.lane, of: new.queue, by: 1)
    }

    func removeWait(of id: JobID) throws {
        try connection.prepare(Self.deleteWait).bind(id).run()
    }

    func addWait(_ wait: Wait, of id: JobID) throws {
        let statement = try connection.prepare(Self.addWait).bind(id)
        switch wait.condition {
        case .event(let stream, let type, let after): statement.bind(0).bind(stream).bind(type).bind(after)
        case .children(let group): statement.bind(1).bind(group).bindNull().bindNull()
        case .turn(let trigger): statement.bind(2).bind(trigger).bindNull().bindNull()
        }
        try statement.bind(wait.step).bind(wait.deadline).run()
    }

    /// Binds a payload or result, and keeps it elsewhere where it is large.
    func bindBody(_ body: Payload?, of id: JobID, _ part: BodyPart, to statement: Prepared) throws {
        guard let body else {
            statement.bindNull()
            return
        }
        if body.utf8.count <= JobRow.inlineMax {
            statement.bind(body.utf8)
        } else {
            statement.bind(body.utf8.count)
            try connection.prepare(JobQueries.setBody).bind(id).bind(part.rawValue).bind(body.utf8).run()
        }
    }
}
