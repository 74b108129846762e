import MartletCore

/// What `enqueue.lua` says became of a job.
enum EnqueueReading {
    /// - Parameters:
    ///   - answer: a code and what it needs.
    ///   - job: the one that was asked for.
    static func decode(_ answer: RESPValue, _ job: NewJob) throws(StoreError) -> Enqueued {
        guard let parts = answer.elements, parts.count >= 1, let code = parts[0].int else { throw .unreadable }
        switch code {
        case 0: return .accepted(try JobReading.record(try second(parts)))
        case 1: return .duplicate(try JobReading.record(try second(parts)), replaced: false)
        case 2: return .duplicate(try JobReading.record(try second(parts)), replaced: true)
        default: return .refused(try refusal(code, parts.dropFirst().first, parts.dropFirst(2).first, job))
        }
    }

    static func refusal(_ code: Int, _ first: RESPValue?, _ second: RESPValue?, _ job: NewJob) throws(StoreError) -> StoreError {
        switch code {
        case 3: return .idTaken(job.id)
        case 4:
            guard let key = job.key, let holder = first?.buffer.flatMap(JobID.init(bytes:)) else { throw .unreadable }
            return .keyTaken(key: key.name, by: holder)
        case 5:
            guard let depth = first?.int, let delay = second?.int else { throw .unreadable }
            return .queueFull(queue: job.queue, depth: depth, retryAfter: .seconds(delay))
        default: throw .unreadable
        }
    }

    private static func second(_ parts: [RESPValue]) throws(StoreError) -> RESPValue {
        guard parts.count >= 2 else { throw .unreadable }
        return parts[1]
    }
}
