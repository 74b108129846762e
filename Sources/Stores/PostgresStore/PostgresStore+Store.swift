import Database
import MartletCore

extension PostgresStore: Store {
    static func checkBatch(_ count: Int, _ field: String) throws(StoreError) {
        guard count <= Limits.batch else { throw .invalid(field: field, reason: "must not be more than \(Limits.batch)") }
    }

    public func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        try Self.checkBatch(jobs.count, "jobs")
        let isMixed = jobs.contains { $0.history != nil }
        let answers =
            isMixed
            ? try await enqueueMixed(jobs)
            : try await enqueueing.submit(jobs) { jobs throws(StoreError) in try await self.enqueueTogether(jobs) }
        hints.changed(work: true, jobs: answers.lazy.compactMap { $0.job?.id })
        return answers
    }

    public func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed {
        let claimed = try await claimOnce(plan)
        if claimed.jobs.isEmpty { hints.looked() } else { hints.changed(work: false, jobs: claimed.jobs.lazy.map(\.job.id)) }
        return claimed
    }

    public func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal {
        let rows = try await answers(
            """
            renew(\(heartbeat.node.name.storable), \(heartbeat.ttl.microseconds), \(array: heartbeat.leases.map(\.job)), \
            \(array: heartbeat.leases.map(\.epoch)), \(array: heartbeat.departed.map(\.name.storable)), \(heartbeat.isLast), \
            '-infinity', \(mark: marks.alarms), \(time.argument))
            """)
        var renewal = Renewal(generation: rows.first?.number ?? 0, leases: [], cancelRequested: [], nodes: [])
        for row in rows.dropFirst() {
            switch row.status {
            case "h": renewal.leases.append(.held)
            case "c": renewal.leases.append(.cancelRequested)
            case "l": renewal.leases.append(.lost)
            case "s": if let job = row.other, let epoch = row.number { renewal.cancelRequested.append(Lease(job: job, epoch: epoch)) }
            default: if let name = row.word { renewal.nodes.append(NodeID(String(stored: name))) }
            }
        }
        if !heartbeat.departed.isEmpty { hints.changed(work: true) }
        return renewal
    }

    public func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] {
        let record = NewRecord(lease: lease, steps: steps)
        let results = try await recording.submit([record]) { records throws(StoreError) in try await self.recordTogether(records) }
        guard let result = results.first else { throw .unknownRow }
        let written = try result.get()
        hints.changed(work: false, jobs: CollectionOfOne(lease.job))
        return written
    }

    public func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] {
        try Self.checkBatch(settlements.count, "settlements")
        let results = try await settling.submit(settlements) { settlements throws(StoreError) in try await self.settleTogether(settlements) }
        let streams = settlements.lazy.flatMap(\.events).map(\.stream)
        // A place is free again, and what hangs on the end of a job may have become ready.
        hints.changed(work: true, jobs: settlements.lazy.map(\.lease.job), streams: streams, isMore: settlements.contains { !$0.children.isEmpty })
        return results
    }

    public func cancel(_ job: JobID) async throws(StoreError) -> JobRecord {
        let row = try await one("cancel(\(job), \(time.argument))")
        let record = try row.changed(job)
        hints.changed(work: true, jobs: CollectionOfOne(job), isMore: record.parent != nil || record.trigger != nil)
        return record
    }

    public func revive(_ job: JobID) async throws(StoreError) -> JobRecord {
        let row = try await one("revive(\(job), \(time.argument))")
        let record = try row.changed(job)
        hints.changed(work: true, jobs: CollectionOfOne(job))
        return record
    }

    public func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        try Self.checkBatch(events.count, "events")
        let isMixed = events.contains { $0.history != nil }
        let answers =
            isMixed
            ? try await appendMixed(events)
            : try await appending.submit(events) { events throws(StoreError) in try await self.appendTogether(events) }
        let isOwn = events.allSatisfy { $0.lease.map { lease in StreamName.job(lease.job) } == $0.stream }
        hints.changed(work: !isOwn, streams: events.lazy.map(\.stream), isMore: !isOwn)
        return answers
    }

    func one(_ function: SQL) async throws(StoreError) -> CallAnswer {
        guard let row = try await answers(function).first else { throw .unknownRow }
        return row
    }
}

extension CallAnswer {
    /// The job after a cancel or a revive.
    fileprivate func changed(_ id: JobID) throws(StoreError) -> JobRecord {
        switch (status, job) {
        case ("a", let job?): return job
        case ("n", _): throw .notFound("job \(id)")
        case ("p", let job?): throw .wrongPhase(id, job.phase)
        case ("k", let job?):
            guard let key = job.key, let other else { throw .unknownRow }
            throw .keyTaken(key: key, by: other)
        default: throw .unknownRow
        }
    }
}
