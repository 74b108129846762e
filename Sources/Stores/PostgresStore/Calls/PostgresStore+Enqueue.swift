import Database
import MartletCore

extension PostgresStore {
    func enqueueTogether(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        var answers = [Enqueued?](repeating: nil, count: jobs.count)
        var sound: [(ord: Int, job: NewJob)] = []
        var ids: Set<JobID> = []
        var isPlain = true
        for (ord, job) in jobs.enumerated() {
            if let fault = job.fault {
                answers[ord] = .refused(fault)
                continue
            }
            sound.append((ord, job))
            isPlain = isPlain && job.key == nil && job.parent == nil && job.trigger == nil && ids.insert(job.id).inserted
        }
        if !sound.isEmpty {
            let call = EnqueueCall(sound.map(\.job))
            let rows = try await self.answers(isPlain ? call.plain(time.argument) : call.each(time.argument))
            guard let now = rows.last?.now else { throw .unknownRow }
            if sound.contains(where: { $0.job.isDue(before: now) }) { marks.clear() }
            for row in rows.dropLast() {
                guard let position = row.ord, sound.indices.contains(position) else { throw .unknownRow }
                answers[sound[position].ord] = try row.enqueued(sound[position].job, at: now)
            }
            for (ord, job) in sound where answers[ord] == nil { answers[ord] = .accepted(JobRecord(accepting: job, at: now)) }
        }
        return answers.compactMap { $0 }
    }
}

extension NewJob {
    /// Whether it wants to be due at an instant that has passed.
    func isDue(before now: Timestamp) -> Bool {
        if case .at(let instant) = due { instant < now } else { false }
    }
}

extension CallAnswer {
    /// What became of a new job.
    func enqueued(_ job: NewJob, at now: Timestamp) throws(StoreError) -> Enqueued {
        switch status {
        case "a": return .accepted(JobRecord(accepting: job, at: now))
        case "w":
            var record = JobRecord(accepting: job, at: now)
            record.phase = .waiting
            record.dueAt = .distantFuture
            record.wait = job.trigger.map { Wait(.turn(trigger: $0), step: nil) }
            return .accepted(record)
        case "d", "r":
            guard let existing = self.job else { throw .unknownRow }
            return .duplicate(existing, replaced: status == "r")
        case "i": return .refused(.idTaken(job.id))
        case "k":
            guard let key = job.key?.name, let other else { throw .unknownRow }
            return .refused(.keyTaken(key: key, by: other))
        case "q":
            guard let depth = word.flatMap({ Int($0) }), let number else { throw .unknownRow }
            return .refused(.queueFull(queue: job.queue, depth: depth, retryAfter: .seconds(number)))
        default: throw .unknownRow
        }
    }
}
