extension MemoryState {
    /// The rows of one sort that one sweep looks at.
    private static var sweepMax: Int { 1000 }

    /// Puts right what time alone has changed: dead nodes, queue timeouts, deadlines.
    mutating func sweep(departed: [NodeID] = [], at now: Timestamp) {
        sweepNodes(departed: Set(departed), at: now)
        sweepLeases(at: now)
        for due in Array(indexes.queueTimeouts.prefix { $0.at <= now }.prefix(Self.sweepMax)) {
            finish(due.id, .failed, at: now) { record in
                record.error = record.queueTimeout.map(Failure.queueTimeout) ?? record.error
            }
        }
        for due in Array(indexes.deadlines.prefix { $0.at <= now }.prefix(Self.sweepMax)) {
            endWait(due.id, with: .deadline, at: now)
        }
    }

    private mutating func sweepNodes(departed: Set<NodeID>, at now: Timestamp) {
        let dead = nodes.filter { $0.value.expiresAt <= now || departed.contains($0.key) }
            .sorted { ($0.value.expiresAt, $0.key) < ($1.value.expiresAt, $1.key) }
        for (node, _) in dead.prefix(Self.sweepMax) {
            nodes[node] = nil
            bury((indexes.nodes[node]?.sharing ?? []).sorted(), at: now)
        }
    }

    private mutating func sweepLeases(at now: Timestamp) {
        var groups: [NodeID: [JobID]] = [:]
        var order: [NodeID] = []
        for due in indexes.leases.prefix(while: { $0.at <= now }).prefix(Self.sweepMax) {
            guard let node = jobs[due.id]?.record.node else { continue }
            if groups[node] == nil { order.append(node) }
            groups[node, default: []].append(due.id)
        }
        for node in order { bury(groups[node]?.sorted() ?? [], at: now) }
    }

    /// One death: of the jobs that were held, some are blamed, and all stop running.
    private mutating func bury(_ held: [JobID], at now: Timestamp) {
        let blamed = Quarantine.blamed(held: held.map { (id: $0, deaths: jobs[$0]?.record.deaths ?? 0) })
        for id in blamed { update(id) { $0.record.deaths += 1 } }
        let guilty = Set(blamed)
        for id in held {
            guard let record = jobs[id]?.record else { continue }
            if guilty.contains(id), record.deaths >= Quarantine.crashesMax, !record.isCancelRequested {
                finish(id, .failed, at: now) { $0.error = .crashed($0.deaths) }
            } else {
                goBack(id, dueAt: now, at: now)
            }
        }
    }
}
