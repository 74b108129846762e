import Database
import MartletCore
import Synchronization

/// The triggers on topics, as this process has read them last. Which of them an event fires is decided here, by the same rule as in every
/// store; the database refuses the answer where they have changed meanwhile.
final class Topics: Sendable {
    struct Known: Sendable {
        /// 0 where nothing has been read yet.
        var version = 0
        /// By the stream, each by name.
        var triggers: [String: [TriggerState]] = [:]
    }

    private let state = Mutex(Known())

    var known: Known { state.withLock { $0 } }

    func learn(_ known: Known) {
        state.withLock { if known.version >= $0.version { $0 = known } }
    }
}

extension PostgresStore {
    /// Reads the triggers on topics anew.
    func learnTopics() async throws(StoreError) {
        let known = try await search(
            """
            SELECT v.version, \(TriggerColumns.names) FROM (SELECT max(version) AS version FROM \(schema)topics) v \
            LEFT JOIN \(schema)triggers t ON t.topic IS NOT NULL ORDER BY t.name
            """
        ) { answer in
            var known = Topics.Known()
            for row in answer {
                known.version = try row.int(0)
                if row.isNull(1) { continue }
                let state = try TriggerColumns(row, from: 1).state()
                if case .topic(let stream, _) = state.trigger.schedule { known.triggers[stream, default: []].append(state) }
            }
            return known
        }
        topics.learn(known)
    }
}
