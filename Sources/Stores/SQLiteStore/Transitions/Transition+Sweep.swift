import Database
import MartletCore

extension Transition {
    /// The nodes that one sweep buries.
    private static let sweepMax = 1000

    private static let removeNode = Query("DELETE FROM nodes WHERE name = ?")
    private static let sharing = Query(
        "SELECT \(JobQueries.rowColumns) FROM jobs INDEXED BY jobs_running WHERE phase = 1 AND node = ? AND expires IS NULL ORDER BY id")

    /// Puts right what time alone has changed: dead nodes, queue timeouts, deadlines.
    func sweep(departed: [NodeID] = []) throws {
        try sweepNodes(departed: departed)
        try sweepLeases()
        for id in try idsDue(.queueTimeout) {
            guard let row = try current(id) else { continue }
            var failed = row
            failed.error = row.queueTimeout.map(Failure.queueTimeout) ?? row.error
            try finish(failed, was: row, .failed)
        }
        for id in try idsDue(.deadline) {
            guard let row = try current(id), let wait = try jobs.wait(of: id) else { continue }
            try endWait(row, wait, with: .deadline)
        }
    }

    private func sweepNodes(departed: [NodeID]) throws {
        guard !ledger.nodes.isEmpty else { return }
        let gone = Set(departed)
        let dead = ledger.nodes.filter { $0.value.expiresAt <= now || gone.contains($0.key) }
            .sorted { ($0.value.expiresAt, $0.key) < ($1.value.expiresAt, $1.key) }
        for (node, _) in dead.prefix(Self.sweepMax) {
            try removeNode(node)
            try bury(try connection.prepare(Self.sharing).bind(node.name).map(JobRow.init))
        }
    }

    func removeNode(_ node: NodeID) throws {
        ledger.nodes[node] = nil
        try connection.prepare(Self.removeNode).bind(node.name).run()
    }

    private func sweepLeases() throws {
        var groups: [NodeID: [JobRow]] = [:]
        var order: [NodeID] = []
        for id in try idsDue(.lease) {
            guard let row = try current(id), let node = row.node else { continue }
            if groups[node] == nil { order.append(node) }
            groups[node, default: []].append(row)
        }
        for node in order { try bury((groups[node] ?? []).sorted { $0.id < $1.id }) }
    }

    /// One death: of the jobs that were held, some are blamed, and all stop running.
    private func bury(_ held: [JobRow]) throws {
        let guilty = Set(Quarantine.blamed(held: held.map { (id: $0.id, deaths: $0.deaths) }))
        for old in held {
            var row = old
            let isGuilty = guilty.contains(row.id)
            if isGuilty { row.deaths += 1 }
            if isGuilty, row.deaths >= Quarantine.crashesMax, !row.isCancelRequested {
                row.error = .crashed(row.deaths)
                try finish(row, was: old, .failed)
            } else {
                try goBack(row, was: old, dueAt: now)
            }
        }
    }
}
