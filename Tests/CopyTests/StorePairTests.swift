import Martlet
import MartletCore
import Testing

@Suite("A copy between every two sorts of store", .timeLimit(.minutes(10)), .serialized)
struct StorePairTests {
    @Test(arguments: Place.Sort.allCases, Place.Sort.allCases) func `everything stands at the target as it stood at the source, and works there`(
        _ from: Place.Sort, _ to: Place.Sort
    )
        async throws
    {
        try await Place.with(from) { source in
            try await Place.with(to) { target in
                let scene = SourceScene(store: source, environment: .system)
                try await scene.fill(plain: 1200)
                var options = StoreCopy.Options()
                let report = try await StoreCopy(from: source, to: target, options: options, environment: .system).run()
                #expect(report.copied == report.jobs)
                #expect(try await Oracle(store: source).differences(to: Oracle(store: target)) == [])
                options.startsTarget = true
                #expect(try await StoreCopy(from: source, to: target, options: options, environment: .system).run().copied == 0)
                try await work(target)
            }
        }
    }

    @Test(arguments: Place.Sort.allCases) func `tenants have their turns and their limits at the target, for what changed between two copies too`(
        _ to: Place.Sort
    ) async throws {
        try await Place.with(.sqlite) { source in
            try await Place.with(to) { target in
                let jobs = try await Self.fillShared(source)
                let first = try await StoreCopy(from: source, to: target, options: .init(), environment: .system).run()
                #expect(first.copied == 20)
                try await Self.change(jobs, source)
                var options = StoreCopy.Options()
                options.startsTarget = true
                let second = try await StoreCopy(from: source, to: target, options: options, environment: .system).run()
                #expect(second.copied == 8)
                #expect(try await Oracle(store: source).differences(to: Oracle(store: target), streams: []).filter { !$0.hasPrefix("queues") } == [])
                var rounds: [[String]] = []
                while true {
                    let claimed = try await target.claim(ClaimPlan(node: NodeID("new"), kinds: nil, limit: 50)).jobs
                    if claimed.isEmpty { break }
                    rounds.append(claimed.map(\.job.tenant))
                    _ = try await target.settle(claimed.map { Settlement($0.lease, .succeeded(result: nil)) })
                }
                #expect(rounds.map(\.count) == [8, 8])
                #expect(rounds.allSatisfy { Set($0.prefix(4)).count == 4 && Set($0.suffix(4)).count == 4 })
                let counts = try await target.overview().queues.first { $0.name == "shared" }?.counts
                #expect(counts.map { [$0.ready, $0.running, $0.succeeded, $0.cancelled] } == [0, 0, 16, 4])
            }
        }
    }

    /// Five jobs of each of four tenants, who may run two at a time.
    private static func fillShared(_ source: any Store) async throws -> [NewJob] {
        var policy = QueuePolicy()
        policy.perTenant = 2
        _ = try await source.set("shared", .policy(policy))
        let scene = SourceScene(store: source, environment: .system)
        let jobs = (0..<20).map { index in
            scene.job("kind-\(index % 3)", queue: "shared") { job in
                job.tenant = "tenant-\(index % 4)"
                job.priority = index % 5 == 0 ? .high : .standard
                job.key = IdempotencyKey("shared-\(index)", conflict: .replace)
            }
        }
        _ = try await source.enqueue(jobs)
        return jobs
    }

    /// The first job of each tenant becomes another, of another kind and priority, and the last is cancelled.
    private static func change(_ jobs: [NewJob], _ source: any Store) async throws {
        let changed = jobs.prefix(4).map { job in
            var job = job
            (job.id, job.kind, job.priority) = (Environment.system.makeJobID(), "other", .low)
            return job
        }
        _ = try await source.enqueue(changed)
        for job in jobs.suffix(4) { _ = try await source.cancel(job.id) }
    }

    /// Events, children and turns still set free what waits for them.
    private func work(_ target: any Store) async throws {
        _ = try await target.append([NewEvent(stream: "orders", type: "paid", data: .null)])
        while true {
            let claimed = try await target.claim(ClaimPlan(node: NodeID("new"), kinds: nil, limit: 500)).jobs
            if claimed.isEmpty { break }
            _ = try await target.settle(claimed.map { Settlement($0.lease, .succeeded(result: nil)) })
        }
        let counts = try await target.overview().queues.filter { $0.name == "default" || $0.name == "waiting" }.map(\.counts)
        // Left are the wait with a deadline, and nothing that could run.
        #expect(counts.map { [$0.ready, $0.running, $0.waiting] } == [[0, 0, 0], [0, 0, 1]])
        let parents = try await Oracle(store: target).details().filter { $0.job.kind == "parent" }
        #expect(Set(parents.flatMap(\.steps).map(\.name)) == ["paid", "all"])
        let children = WaitResult.children(succeeded: 2, failed: 1, cancelled: 0).payload
        #expect(parents.flatMap(\.steps).first { $0.name == "all" }?.result == children)
    }
}
