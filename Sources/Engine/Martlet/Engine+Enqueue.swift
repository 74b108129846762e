extension Engine {
    /// Accepts a job: when this returns, the job is durable.
    /// - Returns: the job, or the one that already had its key.
    @discardableResult
    public func enqueue(_ job: some Job, _ options: EnqueueOptions = .init()) async throws -> JobRecord {
        try await enqueue([prepare(job, options)])[0]
    }

    /// Accepts many jobs in one call, at most `Limits.batch`.
    /// - Throws: the first refusal; the others are accepted all the same. Use `store.enqueue` for an answer to each.
    @discardableResult
    public func enqueue(_ jobs: [NewJob]) async throws -> [JobRecord] {
        try await store.enqueue(jobs).map { answer in
            switch answer {
            case .accepted(let job), .duplicate(let job, _): job
            case .refused(let error): throw error
            }
        }
    }

    /// Enqueues inside a transaction of the caller's own: the job exists if and only if that commits.
    @discardableResult
    public func enqueue(_ job: some Job, _ options: EnqueueOptions = .init(), in transaction: some JobTransaction) throws -> JobRecord {
        switch try transaction.enqueue([prepare(job, options)])[0] {
        case .accepted(let job), .duplicate(let job, _): return job
        case .refused(let error): throw error
        }
    }

    /// The job as a store wants it, with an id drawn where `options` has none.
    public func prepare<J: Job>(_ job: J, _ options: EnqueueOptions = .init()) throws -> NewJob {
        var new = NewJob(id: options.id ?? environment.makeJobID(), kind: J.kind, payload: try PayloadCoding.encode(job))
        new.queue = options.queue
        new.tenant = options.tenant
        new.priority = options.priority
        new.due = options.due
        new.key = options.key
        new.timeout = options.timeout
        new.queueTimeout = options.queueTimeout
        new.maxAttempts = options.maxAttempts
        new.labels = options.labels
        return new
    }

    /// Sends a signal to a job: what its handler waits for with `context.wait(for: name)`, before or after it begins to wait.
    /// - Throws: `StoreError.notFound`; `wrongPhase` where the job is finished.
    @discardableResult
    public func signal(_ job: JobID, _ name: String, data: Payload = .null) async throws -> Int {
        guard let detail = try await store.job(job) else { throw StoreError.notFound("job \(job)") }
        guard detail.job.phase != .finished else { throw StoreError.wrongPhase(job, .finished) }
        let event = NewEvent(stream: StreamName.job(job), type: Signal.eventType(name), data: data)
        switch try await store.append([event])[0] {
        case .at(let sequence): return sequence
        case .refused(let error): throw error
        }
    }
}

/// How a signal is spelled in a job's stream.
public enum Signal {
    public static func eventType(_ name: String) -> String { "signal.\(name)" }
}
