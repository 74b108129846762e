import Database
import MartletCore

extension Transition {
    private static let holdsWork = Query(
        "SELECT 1 FROM jobs INDEXED BY jobs_running WHERE phase = 1 AND node = ? AND expires IS NULL LIMIT 1")
    private static let saveNode = Query("INSERT OR REPLACE INTO nodes (name, expires, generation) VALUES (?, ?, ?)")
    private static let nextGeneration = Query(
        """
        INSERT INTO counters (name, value) VALUES ('generation', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value
        """)

    func renew(_ heartbeat: Heartbeat) throws -> Renewal {
        try sweep(departed: heartbeat.departed)
        let node = heartbeat.node
        let holdsWork = try connection.prepare(Self.holdsWork).bind(node.name).first { _ in true } ?? false
        if heartbeat.isLast, !holdsWork {
            if ledger.nodes[node] != nil { try removeNode(node) }
        } else if holdsWork || ledger.nodes[node] == nil {
            try extendNode(node, to: now + heartbeat.ttl)
        }
        return Renewal(
            generation: ledger.nodes[node]?.generation ?? 0, leases: try heartbeat.leases.map { try extend($0, heartbeat) },
            cancelRequested: try idsMarked(.toStop, node.name).compactMap { try current($0).map { Lease(job: $0.id, epoch: $0.epoch) } },
            nodes: ledger.nodes.keys.sorted())
    }

    /// Creates or extends the row of a node that shows life.
    func extendNode(_ node: NodeID, to expiry: Timestamp) throws {
        var entry: NodeEntry
        if let known = ledger.nodes[node] {
            if known.expiresAt == expiry { return }
            entry = known
            entry.expiresAt = expiry
        } else {
            let generation = try connection.prepare(Self.nextGeneration).first { $0.int(0) }
            entry = NodeEntry(expiresAt: expiry, generation: generation ?? 1)
        }
        try connection.prepare(Self.saveNode).bind(node.name).bind(entry.expiresAt).bind(entry.generation).run()
        ledger.nodes[node] = entry
    }

    private func extend(_ lease: Lease, _ heartbeat: Heartbeat) throws -> Renewal.LeaseState {
        guard let row = try current(lease.job), row.isHeld(by: lease, at: now) else { return .lost }
        if row.expiresAt != nil {
            var extended = row
            extended.expiresAt = now + heartbeat.ttl
            try save(extended, was: row)
        }
        return row.isCancelRequested ? .cancelRequested : .held
    }
}
