import MartletCore

/// Jobs and events that come from another store.
extension RedisStore {
    /// Jobs without faults, some of them with histories: runs of one sort, one after another, since they may be about the same jobs.
    func enqueueMixed(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        var answers: [Enqueued] = []
        for (isAdopted, run) in jobs.runs(where: { $0.history != nil }) {
            answers += isAdopted ? try await adoptAll(run) : try await enqueuing.submit(run) { $0.payload.utf8.count + 256 }
        }
        return answers
    }

    /// In parts, so that no function keeps Redis busy for long.
    private func adoptAll(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        var answers: [Enqueued] = []
        for start in stride(from: 0, to: jobs.count, by: Self.adoptMax) {
            answers += try await adopt(Array(jobs[start..<min(start + Self.adoptMax, jobs.count)]))
        }
        return answers
    }

    private static let adoptMax = 500

    private func adopt(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        let packed = jobs.map { (job: JobCoding($0), history: Self.history(of: $0)) }
        let size = packed.reduce(0) { $0 + $1.job.byteCount + $1.history.count }
        let answer = try await caller.answer(.adopt, capacity: size) { command in
            for (job, history) in packed {
                job.add(to: &command)
                command.add(history)
            }
        }
        guard let parts = answer.elements, parts.count == jobs.count else { throw .unreadable }
        var answers: [Enqueued] = []
        for (job, part) in zip(jobs, parts) { answers.append(try EnqueueReading.decode(part, job)) }
        return answers
    }

    private static func history(of job: NewJob) -> [UInt8] {
        job.history.map { HistoryCoding.encode($0, key: job.key) } ?? []
    }

    /// Events without faults, some of them with a place of their own.
    func appendMixed(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        var answers: [Appended] = []
        for (isAdopted, run) in events.runs(where: { $0.history != nil }) {
            answers += isAdopted ? try await adopt(run) : try await appending.submit(run) { $0.data.utf8.count + 128 }
        }
        return answers
    }

    private func adopt(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        let packed = events.map(Self.pack)
        let answer = try await caller.answer(.adoptEvents, capacity: packed.reduce(0) { $0 + $1.count }) { command in
            for event in packed { command.add(event) }
        }
        guard let parts = answer.elements, parts.count == events.count else { throw .unreadable }
        var answers: [Appended] = []
        for (event, part) in zip(events, parts) {
            guard let number = part.int, let history = event.history else { throw .unreadable }
            switch number {
            case 1...: answers.append(.at(sequence: number))
            case -1: answers.append(.refused(.otherEvent(history.sequence)))
            default: answers.append(.refused(.gap(after: -1 - number)))
            }
        }
        return answers
    }

    /// Stream, number, time, type, data.
    private static func pack(_ event: NewEvent) -> [UInt8] {
        var writer = PackWriter(capacity: 64 + event.data.utf8.count)
        writer.add(event.stream)
        writer.add(event.history?.sequence)
        writer.add(event.history?.at)
        writer.add(event.type)
        writer.add(bytes: event.data.utf8)
        return writer.bytes
    }
}
