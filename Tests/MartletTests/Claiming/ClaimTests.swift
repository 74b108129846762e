import Martlet
import MartletCore
import MartletTesting
import Synchronization
import Testing

@Suite struct ClaimTests {
    private final class Gauge: Sendable {
        private let state = Mutex((now: 0, most: 0))

        func enter() {
            state.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
            }
        }

        func leave() { state.withLock { $0.now -= 1 } }
        var most: Int { state.withLock { $0.most } }
    }

    @Test(arguments: [1, 2, 3, 4, 5])
    func noMoreJobsRunOrAreHeldThanTheSlotsAndTheirPrefetch(_ seed: UInt64) throws {
        let gauge = Gauge()
        let held = Log<Int>()
        var configuration = EngineConfiguration(node: NodeID("test"))
        configuration.concurrency = 4
        try TestEngine.run(
            seed: seed, configuration: configuration,
            through: { memory, _ in
                HookedStore(base: memory) { _, _ throws(StoreError) in
                    held.add(try await memory.overview().nodes.map(\.running).reduce(0, +))
                }
            }
        ) { engine in
            engine.handle(Other.self) { job, context in
                gauge.enter()
                defer { gauge.leave() }
                // Short enough to be prefetched.
                try await context.environment.clock.sleep(for: .milliseconds(job.number % 3))
            }
        } _: { test in
            _ = try await test.engine.enqueue((0..<200).map { try test.engine.prepare(Other(number: $0)) })
            try await test.until("all are finished") { try await test.memory.overview().kinds.allSatisfy { $0.counts.succeeded == 200 } }
            #expect(gauge.most == 4)
            #expect(held.entries.max() ?? 0 > 4)
        }
    }

    @Test func aLimitOfAQueueHoldsAcrossNodes() throws {
        let gauge = Gauge()
        try Cluster.run(nodes: 3) { engine, _, _ in
            engine.handle(Other.self) { _, context in
                gauge.enter()
                defer { gauge.leave() }
                try await context.environment.clock.sleep(for: .milliseconds(500))
            }
        } _: { cluster in
            var policy = QueuePolicy()
            policy.concurrency = 2
            _ = try await cluster.memory.set("narrow", .policy(policy))
            let engine = cluster.engines[0]
            let jobs = try await engine.enqueue((0..<20).map { try engine.prepare(Other(number: $0), .init(queue: "narrow")) })
            for job in jobs { #expect(try await cluster.finished(job.id).outcome == .succeeded) }
            #expect(gauge.most == 2)
        }
    }

    @Test func aNodeTakesNoMoreOfAQueueThanItsOwnLimit() throws {
        let gauge = Gauge()
        var configuration = EngineConfiguration(node: NodeID("test"))
        configuration.queues = ["heavy": 2]
        try TestEngine.run(configuration: configuration) { engine in
            engine.handle(Other.self) { _, context in
                gauge.enter()
                defer { gauge.leave() }
                try await context.environment.clock.sleep(for: .seconds(1))
            }
        } _: { test in
            let heavy = try await test.engine.enqueue((0..<10).map { try test.engine.prepare(Other(number: $0), .init(queue: "heavy")) })
            let other = try await test.enqueue(Other(), .init(queue: "elsewhere"))
            for job in heavy { #expect(try await test.finished(job.id).outcome == .succeeded) }
            #expect(gauge.most == 2)
            #expect(try await test.job(other.id).phase == .ready)
        }
    }

    @Test func twoEnginesShareTheWork() throws {
        let runs = Log<String>()
        try Cluster.run(nodes: 2, concurrency: 2) { engine, lane, _ in
            engine.handle(Other.self) { _, context in
                runs.add(lane.name)
                try await context.environment.clock.sleep(for: .seconds(1))
            }
        } _: { cluster in
            let engine = cluster.engines[0]
            let jobs = try await engine.enqueue((0..<40).map { try engine.prepare(Other(number: $0)) })
            for job in jobs { #expect(try await cluster.finished(job.id).outcome == .succeeded) }
            let shares = Dictionary(grouping: runs.entries, by: \.self).mapValues(\.count)
            #expect(runs.count == 40)
            #expect(shares.values.allSatisfy { $0 >= 15 })
            #expect(cluster.clock.uptime() < .seconds(14))
        }
    }

    @Test func aPoolOfItsOwnIsNotBlockedByASlowOne() throws {
        var configuration = EngineConfiguration(node: NodeID("test"))
        configuration.concurrency = 1
        configuration.pools = ["fast": 1]
        try TestEngine.run(configuration: configuration) { engine in
            engine.handle(Greet.self) { _, context in try await context.environment.clock.sleep(for: .seconds(600)) }
            engine.handle(Other.self, .init(pool: "fast")) { _, _ in }
        } _: { test in
            try await test.enqueue(Greet())
            await test.pass(.seconds(1))
            #expect(try await test.finish(Other()).outcome == .succeeded)
            #expect(test.clock.uptime() < .seconds(4))
        }
    }
}
