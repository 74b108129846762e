extension MemoryState {
    mutating func renew(_ heartbeat: Heartbeat, at now: Timestamp) -> Renewal {
        sweep(departed: heartbeat.departed, at: now)
        let holdsWork = indexes.nodes[heartbeat.node]?.sharing.isEmpty == false
        if heartbeat.isLast, !holdsWork {
            nodes[heartbeat.node] = nil
        } else if holdsWork || nodes[heartbeat.node] == nil {
            extendNode(heartbeat.node, to: now + heartbeat.ttl)
        }
        return Renewal(
            generation: nodes[heartbeat.node]?.generation ?? 0, leases: heartbeat.leases.map { extend($0, heartbeat, at: now) },
            cancelRequested: runningJobs(of: heartbeat.node).filter(\.isCancelRequested).map { Lease(job: $0.id, epoch: $0.epoch) },
            nodes: nodes.keys.sorted())
    }

    /// Creates or extends the row of a node that shows life.
    mutating func extendNode(_ node: NodeID, to expiry: Timestamp) {
        if nodes[node] == nil {
            generation += 1
            nodes[node] = MemoryNode(expiresAt: expiry, generation: generation)
        }
        nodes[node]?.expiresAt = expiry
    }

    private mutating func extend(_ lease: Lease, _ heartbeat: Heartbeat, at now: Timestamp) -> Renewal.LeaseState {
        guard isCurrent(lease, at: now), let job = jobs[lease.job] else { return .lost }
        if job.leaseExpiry != nil { update(lease.job) { $0.leaseExpiry = now + heartbeat.ttl } }
        return job.record.isCancelRequested ? .cancelRequested : .held
    }

    /// The jobs that live by the node's row, by id.
    private func runningJobs(of node: NodeID) -> [JobRecord] {
        (indexes.nodes[node]?.sharing ?? []).sorted().compactMap { jobs[$0]?.record }
    }
}
