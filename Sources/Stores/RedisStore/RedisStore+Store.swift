import MartletCore

extension RedisStore: Store {
    public func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        try Self.checkBatch(jobs.count, "jobs")
        let faults = jobs.map(\.fault)
        let sound = zip(jobs, faults).filter { $1 == nil }.map(\.0)
        let isMixed = sound.contains { $0.history != nil }
        var answers = try await (isMixed ? enqueueMixed(sound) : enqueuing.submit(sound) { $0.payload.utf8.count + 256 }).makeIterator()
        return faults.map { fault in fault.map(Enqueued.refused) ?? answers.next() ?? .refused(.unreadable) }
    }

    public func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step] {
        let answers = try await recording.submit([StepGroup(steps, under: lease)], bytes: \.size)
        guard let answer = answers.first else { throw .unreadable }
        return try answer.get()
    }

    public func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] {
        try Self.checkBatch(settlements.count, "settlements")
        return try await settling.submit(settlements, bytes: SettlementCoding.size)
    }

    public func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        try Self.checkBatch(events.count, "events")
        let faults = events.map(\.fault)
        let sound = zip(events, faults).filter { $1 == nil }.map(\.0)
        let isMixed = sound.contains { $0.history != nil }
        var answers = try await (isMixed ? appendMixed(sound) : appending.submit(sound) { $0.data.utf8.count + 128 }).makeIterator()
        return faults.map { fault in fault.map(Appended.refused) ?? answers.next() ?? .refused(.unreadable) }
    }

    public func cancel(_ job: JobID) async throws(StoreError) -> JobRecord {
        switch try await caller.change(.cancel, { $0.add(job.bytes) }) {
        case .done(_, let answer): return try JobReading.record(answer)
        case .refused("finished", _): throw .wrongPhase(job, .finished)
        case .refused: throw .notFound("job \(job)")
        }
    }

    public func revive(_ job: JobID) async throws(StoreError) -> JobRecord {
        switch try await caller.change(.revive, { $0.add(job.bytes) }) {
        case .done(_, let answer): return try JobReading.record(answer)
        case .refused("unfinished", let parts): throw .wrongPhase(job, try Mark(stored: parts.first?.int ?? 0).phase)
        case .refused("taken", let parts):
            guard let holder = parts.first?.buffer.flatMap(JobID.init(bytes:)), let key = parts.dropFirst().first?.string else { throw .unreadable }
            throw .keyTaken(key: key, by: holder)
        case .refused: throw .notFound("job \(job)")
        }
    }

    private static func checkBatch(_ count: Int, _ field: String) throws(StoreError) {
        guard count <= Limits.batch else { throw .invalid(field: field, reason: "must not be more than \(Limits.batch)") }
    }
}
