extension MemoryState {
    /// What is wrong with this state by itself, each with the number of the invariant it breaks; empty where nothing is.
    /// Looks at everything: for tests.
    func audit() -> [String] {
        var faults = jobs.values.sorted { $0.id < $1.id }.flatMap(audit)
        var rebuilt = MemoryIndexes()
        for job in jobs.values { rebuilt.insert(job) }
        if rebuilt != indexes { faults.append("the indexes are not those of the jobs") }
        for (name, stream) in streams.sorted(by: { $0.key < $1.key })
        where !zip(stream.events, stream.first...stream.last + 1).allSatisfy({
            $0.sequence == $1
        }) {
            faults.append("invariant 5: stream '\(name)' has a gap or a duplicate")
        }
        for (name, key) in keys where key.isUntilFinished {
            if jobs[key.job].map({ $0.record.phase == .finished }) ?? true { faults.append("key '\(name.name)' outlived its job \(key.job)") }
        }
        for (name, trigger) in indexes.triggers where !trigger.inTurn.isEmpty && trigger.inTurn.count == trigger.unfinished.count {
            faults.append("invariant 10: every job of trigger '\(name)' waits for its turn")
        }
        return faults
    }

    private func audit(_ job: MemoryJob) -> [String] {
        let record = job.record
        let rules: [(holds: Bool, text: String)] = [
            (record.epoch >= record.settledEpoch, "invariant 1: settled under an epoch that was never given out"),
            ((record.phase == .finished) == (record.outcome != nil), "invariant 3: an outcome belongs to finished jobs alone"),
            ((record.phase == .finished) == (record.finishedAt != nil), "invariant 3: finishedAt belongs to finished jobs alone"),
            (Set(job.steps.map(\.name)).count == job.steps.count, "invariant 4: a step is written twice"),
            ((record.phase == .waiting) == (record.wait != nil), "invariant 10: a job waits for nothing"),
            (
                record.phase != .running || job.leaseExpiry != nil || record.node.map { nodes[$0] != nil } == true,
                "invariant 10: a running job has no lease that ends"
            ),
            (record.attempt >= 0 && record.attempt <= record.epoch, "more attempts than leases"),
            (queues[record.queue] != nil, "its queue does not exist"),
        ]
        return rules.filter { !$0.holds }.map { "job \(record.id): \($0.text)" } + auditWait(record)
    }

    private func auditWait(_ record: JobRecord) -> [String] {
        switch record.wait?.condition {
        case .children(let group) where groupResult(NewJob.Parent(job: record.id, group: group)) != nil:
            ["job \(record.id): invariant 10: it waits for children that are all finished"]
        case .event(let stream, let type, let after) where streams[stream]?.events(above: after).contains(where: { $0.type == type }) == true:
            ["job \(record.id): invariant 10: it waits for an event that is there"]
        default: []
        }
    }
}
