import Martlet
import MartletCore
import MartletTesting

@testable import MartletHTTP

extension Site {
    /// Enqueues a job and answers its id.
    @discardableResult
    func add(
        _ kind: String = "thumbnail", queue: String = "media", payload: Payload = .emptyObject, _ change: (inout NewJob) -> Void = { _ in }
    ) async throws -> JobID {
        var job = NewJob(id: engine.environment.makeJobID(), kind: kind, payload: payload)
        job.queue = queue
        change(&job)
        for case .refused(let error) in try await store.enqueue([job]) { throw error }
        return job.id
    }

    /// Claims what is due in a queue, at most one job.
    func claim(_ queue: String) async throws -> Lease {
        let plan = ClaimPlan(node: NodeID("host/boot-1/4711/99/1"), kinds: nil, queues: [queue: 1], limit: 1, ttl: .seconds(3600))
        guard let job = try await store.claim(plan).jobs.first else { throw StoreError.notFound("due job in \(queue)") }
        return job.lease
    }

    func settle(_ lease: Lease, _ disposition: Settlement.Disposition, steps: [NewStep] = []) async throws {
        for case .refused(let error) in try await store.settle([Settlement(lease, disposition, steps: steps)]) { throw error }
    }

    func say(_ job: JobID, _ type: String, _ data: JSON) async throws {
        _ = try await store.append([NewEvent(stream: StreamName.job(job), type: type, data: Payload(data))])
    }

    /// One job in each state a job can be in, by that state's word.
    func populate() async throws -> [String: JobID] {
        var jobs: [String: JobID] = [:]
        jobs["ready"] = try await add(queue: "calm")
        jobs["scheduled"] = try await add(queue: "calm") { $0.due = .after(.seconds(600)) }
        jobs["orphan"] = try await add("unheard-of", queue: "odd")
        jobs["running"] = try await run("busy", progress: 0.42)
        let asked = try await run("asked")
        _ = try await store.cancel(asked)
        jobs["stopping"] = asked
        jobs["retrying"] = try await end("flaky", .failed(Failure(kind: "exit-1", message: "disk full\nat 3"), retryAfter: .seconds(30)))
        jobs["succeeded"] = try await end("done", .succeeded(result: Payload(["size": 123])))
        jobs["failed"] = try await end("broken", .failed(Failure(kind: "permanent", message: "no such video"), retryAfter: nil))
        jobs["cancelled"] = try await end("stopped", .cancelled(reason: nil))
        jobs["signal"] = try await wait("approval") { .event(stream: StreamName.job($0), type: Signal.eventType("approved"), after: 0) }
        jobs["event"] = try await wait("listening") { _ in .event(stream: "orders", type: "paid", after: 0) }
        jobs["parent"] = try await parent()
        return jobs
    }

    private func run(_ queue: String, progress: Double? = nil) async throws -> JobID {
        let id = try await add(queue: queue)
        let lease = try await claim(queue)
        if let progress {
            let data = Progress(fraction: progress, message: "frame 42").payload
            _ = try await store.append([NewEvent(stream: StreamName.job(id), type: "progress", data: data, lease: lease)])
            try await say(id, "output", ["line": "first line"])
            try await say(id, "log", ["line": "\u{1B}[33mcareful\u{1B}[0m"])
        }
        return id
    }

    private func end(_ queue: String, _ disposition: Settlement.Disposition) async throws -> JobID {
        let id = try await add(queue: queue)
        let lease = try await claim(queue)
        clock.advance(by: .milliseconds(1500))
        try await settle(lease, disposition, steps: [NewStep(name: "probe", result: Payload(["codec": "h264"]))])
        return id
    }

    private func wait(_ queue: String, _ condition: (JobID) -> Wait.Condition) async throws -> JobID {
        let id = try await add(queue: queue)
        try await settle(try await claim(queue), .waiting(Wait(condition(id), step: "wait", deadline: .seconds(3600))))
        return id
    }

    private func parent() async throws -> JobID {
        let id = try await add(queue: "family")
        let lease = try await claim("family")
        try await add(queue: "children") { $0.parent = .init(job: id, group: "all") }
        try await settle(lease, .waiting(Wait(.children(group: "all"), step: "children")))
        return id
    }
}
