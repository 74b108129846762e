import Database
import MartletCore

extension PostgresStore {
    func enqueueTogether(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        let batch = EnqueueBatch(jobs)
        guard let function = batch.function(time.argument) else { return try batch.answers([], self) }
        return try batch.answers(try await answers(function), self)
    }

    /// Jobs have come into being: the marks of every process are lowered to where they are found.
    func made(_ jobs: some Sequence<NewJob>, at now: Timestamp) {
        let first = jobs.reduce(Timestamp?.none) { first, job in min(first ?? now, job.instant ?? now) }
        guard let first else { return }
        marks.lower(to: first)
        hints.lower(to: first)
    }
}

extension NewJob {
    /// When it wants to be due, where it names an instant, which may have passed.
    var instant: Timestamp? {
        if case .at(let instant) = due { instant } else { nil }
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
