import Database
import MartletCore

extension PostgresStore {
    func enqueueTogether(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        let batch = EnqueueBatch(jobs)
        guard let function = batch.function(time.argument) else { return try batch.answers([], self) }
        return try batch.answers(try await answers(function), self)
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
