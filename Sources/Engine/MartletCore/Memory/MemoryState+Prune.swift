extension MemoryState {
    mutating func prune(limit: Int, eventRetention: Duration, at now: Timestamp) -> PruneResult {
        let limit = max(0, limit)
        let old = expiredJobs(at: now, upTo: limit + 1)
        for id in old.prefix(limit) {
            forget(id)
            streams[StreamName.job(id)] = nil
        }
        var (removed, hasMore) = (0, old.count > limit)
        for name in streams.keys.sorted() where isPrunable(name) {
            let expired = (streams[name]?.events ?? []).prefix { $0.at + eventRetention <= now }.count
            let count = min(expired, limit - removed)
            streams[name]?.removeFirst(count)
            removed += count
            hasMore = hasMore || count < expired
        }
        for (name, key) in keys where !key.isTaken(at: now) { setKey(name, nil) }
        buckets = buckets.filter { $0.value.theoreticalArrival > now.microseconds * 1000 }
        return PruneResult(jobs: min(old.count, limit), events: removed, hasMore: hasMore)
    }

    /// The oldest of each queue, queues by name.
    private func expiredJobs(at now: Timestamp, upTo count: Int) -> [JobID] {
        var found: [JobID] = []
        for (name, queue) in indexes.queues.sorted(by: { $0.key < $1.key }) where found.count < count {
            let retention = (queues[name] ?? MemoryQueue()).policy.retention
            found += queue.finished.prefix { $0.at + retention <= now }.prefix(count - found.count).map(\.id)
        }
        return found
    }

    /// A job's own stream lives as long as the job; the audit stream for ever.
    private func isPrunable(_ stream: String) -> Bool {
        guard stream != StreamName.audit else { return false }
        return StreamName.job(in: stream).map { jobs[$0] == nil } ?? true
    }
}
