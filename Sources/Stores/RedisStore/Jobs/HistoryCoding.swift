import MartletCore

/// A job's history as `adopt.lua` takes it in.
enum HistoryCoding {
    static func encode(_ history: JobHistory, key: IdempotencyKey?) -> [UInt8] {
        var writer = PackWriter(capacity: 128 + history.steps.reduce(history.result?.utf8.count ?? 0) { $0 + $1.result.utf8.count + 64 })
        writer.add(mark(history).rawValue)
        for number in [history.attempt, history.epoch, history.settledEpoch, history.deaths] { writer.add(number) }
        writer.add(history.isCancelRequested)
        writer.add(history.node?.name)
        writer.add(history.createdAt)
        writer.add(history.startedAt)
        writer.add(history.finishedAt)
        add(key, history, to: &writer)
        writer.add(bytes: history.progress.map(SettlementCoding.encode))
        writer.add(bytes: history.result?.utf8)
        writer.add(bytes: history.error.map(FailureCoding.encode))
        writer.add(bytes: history.wait.map(WaitCoding.encode))
        writer.addArray(history.steps.count)
        for step in history.steps {
            writer.addArray(4)
            writer.add(step.name)
            writer.add(step.state == .done ? 2 : 1)
            writer.add(step.recordedAt)
            writer.add(bytes: step.result.utf8)
        }
        return writer.bytes
    }

    /// Whether it keeps its key, and until when: whether that has come is for the function to say.
    private static func add(_ key: IdempotencyKey?, _ history: JobHistory, to writer: inout PackWriter) {
        writer.add(key.map { history.keepsKey($0.scope, at: .epoch) } ?? false)
        if case .window(let span)? = key?.scope { writer.add(history.createdAt + span) } else { writer.addNil() }
    }

    private static func mark(_ history: JobHistory) -> Mark {
        switch (history.phase, history.outcome) {
        case (.ready, _): .ready
        case (.running, _): .running
        case (.waiting, _): .waiting
        case (.finished, .failed): .failed
        case (.finished, .cancelled): .cancelled
        case (.finished, _): .succeeded
        }
    }
}
