import Database
import MartletCore

extension PostgresStore {
    /// One statement for each lease, all in one round trip and one commit.
    func recordTogether(_ records: [NewRecord]) async throws(StoreError) -> [Result<[Step], StoreError>] {
        // In the order in which everybody locks jobs.
        let order = records.indices.sorted { (records[$0].lease.job, $0) < (records[$1].lease.job, $1) }
        let statements = order.map { statement(records[$0]) }
        let answers: [[CallAnswer]]
        do {
            answers = try await database.run { try $0.batch(statements).map { try $0.map(CallAnswer.init) } }
        } catch {
            throw StoreError(error)
        }
        var results: [Result<[Step], StoreError>?] = Array(repeating: nil, count: records.count)
        for (index, rows) in zip(order, answers) { results[index] = try read(rows, records[index]) }
        return results.compactMap { $0 }
    }

    private func statement(_ record: NewRecord) -> SQL {
        let isFaulty = record.steps.contains { $0.fault != nil }
        let steps = isFaulty ? [] : record.steps
        return """
            SELECT \(CallAnswer.columns) FROM \(schema)record(\(record.lease.job), \(record.lease.epoch), \(array: steps.map(\.name)), \
            \(array: steps.map(\.state.code)), \(array: steps.map(\.result.text)), \(isFaulty), \(time.argument))
            """
    }

    private func read(_ rows: [CallAnswer], _ record: NewRecord) throws(StoreError) -> Result<[Step], StoreError> {
        if let now = rows.last?.now { time.saw(now) }
        switch rows.first?.status {
        case "l": return .failure(.leaseLost(record.lease))
        case "f": return .failure(record.steps.lazy.compactMap(\.fault).first ?? .unknownRow)
        default: break
        }
        guard rows.count == record.steps.count + 1 else { throw .unknownRow }
        var steps: [Step] = []
        for (row, step) in zip(rows, record.steps) {
            guard let at = row.now, let result = row.word else { throw .unknownRow }
            steps.append(
                Step(name: step.name, state: row.number == 1 ? .done : .intended, result: Payload(trusted: Array(result.utf8)), recordedAt: at))
        }
        return .success(steps)
    }
}
