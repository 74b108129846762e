import Database
import MartletCore

extension Transition {
    private static let holdsWork = Query(
        "SELECT 1 FROM jobs INDEXED BY jobs_running WHERE phase = 1 AND node = ? AND expires IS NULL LIMIT 1")
    private static let toStop = Query(
        """
        SELECT id, epoch FROM jobs INDEXED BY jobs_to_stop WHERE phase = 1 AND cancel = 1 AND node = ? AND expires IS NULL ORDER BY id
        """)
    private static let saveNode = Query("INSERT OR REPLACE INTO nodes (name, expires, generation) VALUES (?, ?, ?)")
    private static let nextGeneration = Query(
        """
        INSERT INTO counters (name, value) VALUES ('generation', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value
        """)
    private static let extendLease = Query("UPDATE jobs SET expires = ? WHERE id = ?")

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
            cancelRequested: try connection.prepare(Self.toStop).bind(node.name).map { Lease(job: try $0.id(0), epoch: $0.int(1)) },
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
        guard let row = try jobs.row(lease.job), row.isHeld(by: lease, at: now) else { return .lost }
        if row.expiresAt != nil { try connection.prepare(Self.extendLease).bind(now + heartbeat.ttl).bind(lease.job).run() }
        return row.isCancelRequested ? .cancelRequested : .held
    }
}
