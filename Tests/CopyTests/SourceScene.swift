import MartletCore
import StoreConformance

/// A store in which everything that can stand in one stands, made by what engines and clients do.
struct SourceScene {
    let store: any Store
    let environment: Environment
    var node = NodeID("worker")

    func job(_ kind: String = "work", queue: String = "default", _ shape: (inout NewJob) -> Void = { _ in }) -> NewJob {
        var job = NewJob(id: environment.makeJobID(), kind: kind, payload: Payload(["n": 1]))
        job.queue = queue
        shape(&job)
        return job
    }

    /// - Parameter plain: how many ready jobs there are besides.
    func fill(plain: Int = 30) async throws {
        var policy = QueuePolicy()
        policy.concurrency = 50
        policy.retention = .seconds(3600)
        _ = try await store.set("default", .policy(policy))
        _ = try await store.set("closed", .paused(true))
        try await attempts()
        try await waits()
        try await triggers()
        var jobs = (0..<plain).map { _ in job() }
        jobs += (0..<5).map { _ in job(queue: "closed") { $0.priority = .urgent } }
        jobs.append(job(queue: "later") { $0.due = .after(.seconds(5000)) })
        jobs.append(
            job("big") { job in
                job.payload = Payload(.string(String(repeating: "p", count: 100_000)))
                job.labels = ["team": "a", "size": "big"]
                job.tenant = "t"
                job.timeout = .seconds(9)
                job.queueTimeout = .seconds(900)
            })
        let scopes: [IdempotencyKey.Scope] = [.untilFinished, .forever, .window(.seconds(6000))]
        for (index, scope) in scopes.enumerated() { jobs.append(job { $0.key = IdempotencyKey("open-\(index)", scope: scope) }) }
        _ = try await store.enqueue(jobs)
        _ = try await store.append((0..<250).map { NewEvent(stream: "queue/default", type: "tick", data: Payload(.integer($0))) })
    }

    /// Jobs that were started: done, failed, retried, snoozed, cancelled, with steps, results, progress, and streams of their own.
    private func attempts() async throws {
        let jobs = (0..<8).map { index in
            job("attempt", queue: "tried") { job in
                if index < 3 { job.key = IdempotencyKey("done-\(index)", scope: [.untilFinished, .forever, .window(.seconds(6000))][index]) }
            }
        }
        _ = try await store.enqueue(jobs)
        let claimed = try await store.claim(ClaimPlan(node: node, kinds: ["attempt"], limit: 8)).jobs
        let ends: [Settlement.Disposition] = [
            .succeeded(result: Payload(["ok": true])), .succeeded(result: nil), .failed(Failure(kind: "boom", message: "it broke"), retryAfter: nil),
            .failed(Failure(kind: "boom", message: "again"), retryAfter: .seconds(4000)), .snoozed(for: .seconds(4000)), .released,
            .cancelled(reason: "no more"), .succeeded(result: Payload(.string(String(repeating: "r", count: 5000)))),
        ]
        for (job, end) in zip(claimed, ends) {
            let lease = job.lease
            let steps = [NewStep(name: "b", result: Payload(["x": 1])), NewStep(name: "a", state: .intended, result: .null)]
            _ = try await store.record(steps, under: lease)
            let stream = StreamName.job(job.job.id)
            _ = try await store.append([
                NewEvent(stream: stream, type: "progress", data: Progress(fraction: 0.5, message: "half").payload, lease: lease),
                NewEvent(stream: stream, type: "log", data: Payload(["line": "x"]), lease: lease),
            ])
            _ = try await store.settle([Settlement(lease, end)])
        }
        let stopped = job(queue: "tried")
        _ = try await store.enqueue([stopped])
        _ = try await store.cancel(stopped.id)
    }

    /// Jobs that wait: for an event, with a deadline, for children of which one is done.
    private func waits() async throws {
        let parents = (0..<3).map { _ in job("parent", queue: "waiting") }
        _ = try await store.enqueue(parents)
        let claimed = try await store.claim(ClaimPlan(node: node, kinds: ["parent"], limit: 3)).jobs
        let children = (0..<3).map { _ in
            job("child", queue: "waiting") { $0.parent = NewJob.Parent(job: claimed[2].job.id, group: "g") }
        }
        _ = try await store.append([NewEvent(stream: "orders", type: "placed", data: Payload(["id": 1]))])
        _ = try await store.settle([
            Settlement(claimed[0].lease, .waiting(Wait(.event(stream: "orders", type: "paid", after: 1), step: "paid"))),
            Settlement(
                claimed[1].lease,
                .waiting(Wait(.event(stream: StreamName.job(claimed[1].job.id), type: "go", after: 0), step: "go", deadline: .seconds(3000)))),
            Settlement(claimed[2].lease, .waiting(Wait(.children(group: "g"), step: "all")), children: children),
        ])
        let child = try await store.claim(ClaimPlan(node: node, kinds: ["child"], limit: 1)).jobs
        _ = try await store.settle(child.map { Settlement($0.lease, .failed(Failure(kind: "boom", message: "child"), retryAfter: nil)) })
    }

    /// Triggers on time, one of them paused, and on a topic, with jobs in turn.
    private func triggers() async throws {
        let template = JobTemplate(kind: "triggered")
        var timed = Trigger(.every(.seconds(3600), offset: .zero), overlap: .queue, job: template)
        let state = try await store.put(timed, named: "hourly")
        let now = try await store.overview().now
        let slots = [now - .seconds(20), now - .seconds(10)]
        let firing = slots.map { FirePlan.Firing(slot: $0, job: template.job(id: environment.makeJobID())) }
        _ = try await store.fire(
            FirePlan(trigger: "hourly", revision: state?.revision ?? 1, slot: nil, next: now + .seconds(3000), firing: firing))
        timed.isPaused = true
        _ = try await store.put(timed, named: "resting")
        _ = try await store.put(Trigger(.topic(stream: "orders", filter: EventFilter(type: "placed")), job: template), named: "orders")
        _ = try await store.append([NewEvent(stream: "orders", type: "placed", data: Payload(["id": 2]))])
    }
}
