import MartletCore
import PostgresStore
import Testing

@Suite("Two stores on one schema", .timeLimit(.minutes(5)))
struct SharingTests {
    @Test("Every job is handed out once, whoever claims at the same time, and the counts stay true")
    func hammer() async throws {
        let pair = try await StorePair()
        let leases = Collected<Lease>()
        let total = 600
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in [pair.first, pair.second] {
                group.addTask {
                    for _ in 0..<30 { _ = try await store.enqueue((0..<10).map { _ in .made() }) }
                }
                for worker in 0..<4 {
                    group.addTask {
                        while leases.all.count < total {
                            let claimed = try await store.claim(ClaimPlan(node: NodeID("w\(worker)"), kinds: nil, limit: 7))
                            leases.add(claimed.jobs.map(\.lease))
                            let results = try await store.settle(claimed.jobs.map { Settlement($0.lease, .succeeded(result: nil)) })
                            #expect(results.allSatisfy { $0 == .settled(.finished, .succeeded) })
                            await Task.yield()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(leases.all.count == total)
        #expect(Set(leases.all).count == total)
        let counts = try await pair.second.overview().queues.first?.counts
        #expect(counts?.succeeded == total && counts?.total == total)
        try await pair.close()
    }

    @Test("Limits of a queue and of its tenants hold over both")
    func limits() async throws {
        let pair = try await StorePair()
        var policy = QueuePolicy()
        policy.concurrency = 5
        policy.perTenant = 2
        _ = try await pair.first.set("default", .policy(policy))
        let jobs = (0..<60).map { number in NewJob.made { $0.tenant = "t\(number % 4)" } }
        _ = try await pair.first.enqueue(jobs)
        let running = Collected<Int>()
        let done = Collected<JobID>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, store) in [pair.first, pair.second].enumerated() {
                for worker in 0..<3 {
                    group.addTask {
                        while done.all.count < jobs.count {
                            let claimed = try await store.claim(ClaimPlan(node: NodeID("w\(index)\(worker)"), kinds: nil, limit: 4))
                            let counts = try await store.overview().queues.first?.counts
                            running.add([counts?.running ?? 0])
                            _ = try await store.settle(claimed.jobs.map { Settlement($0.lease, .succeeded(result: nil)) })
                            done.add(claimed.jobs.map(\.job.id))
                            await Task.yield()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(running.all.allSatisfy { $0 <= 5 })
        #expect(Set(done.all).count == jobs.count)
        try await pair.close()
    }

    @Test("What one commits, the listeners of the other hear of")
    func wakeup() async throws {
        let pair = try await StorePair()
        var hints = pair.first.wakeups().makeAsyncIterator()
        // The first hint says that the listener is there.
        _ = await hints.next()
        _ = try await pair.second.enqueue([.made()])
        while let hint = await hints.next(), !(hint.work && hint.isUnspecific) {}
        #expect(try await pair.first.claim(ClaimPlan(node: NodeID("n"), kinds: nil, limit: 1)).jobs.count == 1)
        try await pair.close()
    }

    @Test("A job that is committed late, behind what others have taken meanwhile, is found")
    func late() async throws {
        let pair = try await StorePair()
        let late = NewJob.made { $0.due = .at(Environment.system.clock.now() - .seconds(3600)) }
        _ = try await pair.first.enqueue([.made()])
        #expect(try await pair.first.claim(ClaimPlan(node: NodeID("n"), kinds: nil, limit: 9)).jobs.count == 1)
        // The other store's mark for this lane is set by now; this job comes in behind it, from elsewhere.
        _ = try await pair.second.enqueue([late])
        var hints = pair.first.wakeups().makeAsyncIterator()
        var taken: [JobID] = []
        while taken.isEmpty {
            taken = try await pair.first.claim(ClaimPlan(node: NodeID("n"), kinds: nil, limit: 9)).jobs.map(\.job.id)
            if taken.isEmpty { _ = await hints.next() }
        }
        #expect(taken == [late.id])
        try await pair.close()
    }

    @Test("S3-7: Behind PgBouncer in transaction mode everything works, since nothing is kept in a session")
    func pooler() async throws {
        let pair = try await StorePair()
        let pooled = try await PostgresStore(
            try TestServer.pooled, schema: pair.schema, environment: .system, settings: TestServer.settings)
        let done = Collected<JobID>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for _ in 0..<25 {
                        _ = try await pooled.enqueue([.made(), .made { $0.key = IdempotencyKey("k\(worker)") }])
                        let claimed = try await pooled.claim(ClaimPlan(node: NodeID("w\(worker)"), kinds: nil, limit: 3))
                        for job in claimed.jobs { _ = try await pooled.record([NewStep(name: "s", result: .null)], under: job.lease) }
                        let results = try await pooled.settle(claimed.jobs.map { Settlement($0.lease, .succeeded(result: nil)) })
                        done.add(zip(claimed.jobs, results).filter { $1 == .settled(.finished, .succeeded) }.map(\.0.job.id))
                    }
                }
            }
            try await group.waitForAll()
        }
        let counts = try await pair.first.overview().queues.first?.counts
        #expect(counts?.succeeded == done.all.count && counts?.running == 0)
        #expect(Set(done.all).count == done.all.count)
        await pooled.close()
        try await pair.close()
    }
}
