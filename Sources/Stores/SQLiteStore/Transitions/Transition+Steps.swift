import Database
import MartletCore

extension Transition {
    private static let stepByName = Query("SELECT position, state, at, result FROM steps WHERE job = ? AND name = ?")
    private static let addStep = Query("INSERT INTO steps (job, name, state, at, result) VALUES (?, ?, ?, ?, ?)")
    private static let completeStep = Query("UPDATE steps SET state = 1, at = ?, result = ? WHERE position = ?")

    func record(_ steps: [NewStep], under lease: Lease) throws -> [Step] {
        guard let row = try current(lease.job), row.isHeld(by: lease, at: now) else { throw StoreError.leaseLost(lease) }
        if let fault = steps.lazy.compactMap(\.fault).first { throw fault }
        return try steps.map { try writeStep($0, of: lease.job) }
    }

    /// Writes a step where the stored one is not final (invariant 4), and answers the stored one.
    func writeStep(_ step: NewStep, of id: JobID) throws -> Step {
        let written = Step(name: step.name, state: step.state, result: step.result, recordedAt: now)
        touch(id)
        let stored = try connection.prepare(Self.stepByName).bind(id).bind(step.name).first { row in
            let state: Step.State = row.int(1) == 1 ? .done : .intended
            return (row.int64(0), Step(name: step.name, state: state, result: Payload(trusted: row.bytes(3)), recordedAt: row.time(2)))
        }
        guard let (position, kept) = stored else {
            let statement = try connection.prepare(Self.addStep).bind(id).bind(step.name).bind(step.state.code).bind(now)
            try statement.bind(step.result.utf8).run()
            return written
        }
        guard kept.state == .intended, step.state == .done else { return kept }
        try connection.prepare(Self.completeStep).bind(now).bind(step.result.utf8).bind(position).run()
        return written
    }
}
