extension MemoryState {
    func find(_ query: JobQuery, at now: Timestamp) -> JobPage {
        let limit = min(max(1, query.limit), Limits.pageMax)
        let candidates = query.before.map { indexes.ids[..<indexes.ids.lowerBound(of: $0)] } ?? indexes.ids[...]
        var found: [JobRecord] = []
        for id in candidates.reversed() {
            guard let record = jobs[id]?.record, record.matches(query) else { continue }
            // One more than the page holds tells that there is a next one.
            guard found.count < limit else { return page(found, query, next: found.last?.id, at: now) }
            found.append(record)
        }
        return page(found, query, next: nil, at: now)
    }

    private func page(_ found: [JobRecord], _ query: JobQuery, next: JobID?, at now: Timestamp) -> JobPage {
        JobPage(jobs: found, next: next, details: query.isDetailed ? found.compactMap { detail($0.id, at: now) } : [])
    }

    func detail(_ id: JobID, at now: Timestamp) -> JobDetail? {
        jobs[id].map { job in
            JobDetail(
                job: job.record, steps: job.steps, keyScope: job.record.key.flatMap { keyScope(of: job, $0, at: now) },
                lastEvent: streams[StreamName.job(id)]?.last ?? 0)
        }
    }

    private func keyScope(of job: MemoryJob, _ key: String, at now: Timestamp) -> IdempotencyKey.Scope? {
        guard case .window = job.keyScope else { return job.keyScope }
        let row = keys[MemoryKey.Name(tenant: job.record.tenant, name: key)]
        guard let row, row.job == job.id, let end = row.expiresAt, end > now else { return .window(.zero) }
        return .window(end - job.record.createdAt)
    }

    func overview(at now: Timestamp) -> Overview {
        Overview(
            now: now, queues: queues.keys.sorted().map(queueState), triggers: triggers.values.sorted { $0.name < $1.name },
            nodes: nodes.sorted { $0.key < $1.key }.map { node, row in
                NodeState(id: node, expiresAt: row.expiresAt, running: indexes.nodes[node]?.total ?? 0)
            },
            kinds: indexes.kinds.sorted { $0.key < $1.key }.map { KindState(name: $0.key, counts: $0.value) })
    }
}

extension JobRecord {
    fileprivate func matches(_ query: JobQuery) -> Bool {
        Self.fits(query.phase, phase) && Self.fits(query.outcome, outcome) && Self.fits(query.kind, kind) && Self.fits(query.queue, queue)
            && Self.fits(query.tenant, tenant) && Self.fits(query.key, key) && Self.fits(query.trigger, trigger)
            && Self.fits(query.parent, parent?.job) && query.labels.allSatisfy { labels[$0.key] == $0.value }
    }

    private static func fits<Value: Equatable>(_ wanted: Value?, _ actual: Value?) -> Bool { wanted == nil || wanted == actual }
}
