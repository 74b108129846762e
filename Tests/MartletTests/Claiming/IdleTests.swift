import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct IdleTests {
    @Test("S3-1: an engine told to be quiet makes four calls a minute at most, and begins a new job in the instant it comes")
    func aQuietNodeMakesFourCallsAMinuteAndWakesAtOnce() throws {
        let calls = Log<String>()
        var configuration = EngineConfiguration(node: NodeID("test"))
        configuration.pollInterval = .seconds(15)
        configuration.triggerInterval = .seconds(30)
        // An idle node shows itself once a lease.
        configuration.heartbeat = .seconds(30)
        configuration.leaseDuration = .seconds(120)
        try TestEngine.run(
            configuration: configuration,
            through: { memory, _ in HookedStore(base: memory) { call, _ throws(StoreError) in calls.add(call) } }
        ) { engine in
            engine.handle(Greet.self) { _, _ in }
        } _: { test async throws in
            await test.pass(.seconds(600))
            for _ in 0..<3 {
                let before = calls.count
                await test.pass(.seconds(600))
                #expect(calls.count - before <= 40, "\(Dictionary(grouping: calls.entries.dropFirst(before), by: \.self).mapValues(\.count))")
                let start = test.clock.uptime()
                #expect(try await test.finish(Greet()).outcome == .succeeded)
                #expect(test.clock.uptime() == start)
                await test.pass(.seconds(600))
            }
        }
    }

    @Test("S3-1: an idle node asks seldom, and wakes at once")
    func anIdleNodeAsksSeldomAndWakesAtOnce() throws {
        let calls = Log<String>()
        try TestEngine.run(through: { memory, _ in
            HookedStore(base: memory) { call, _ throws(StoreError) in calls.add(call) }
        }) { engine in
            engine.handle(Greet.self) { _, _ in }
        } _: { test in
            // Until it has become quiet.
            await test.pass(.seconds(60))
            let before = calls.count
            await test.pass(.seconds(600))
            let asked = Dictionary(grouping: calls.entries.dropFirst(before), by: \.self).mapValues(\.count)
            #expect(asked["claim", default: 0] <= 61)
            #expect(asked["overview", default: 0] <= 21)
            let total = asked.values.reduce(0, +)
            #expect(total <= 170)

            let start = test.clock.uptime()
            let job = try await test.finish(Greet())
            #expect(job.outcome == .succeeded)
            #expect(test.clock.uptime() == start)
        }
    }

    @Test func aTriggerOfAnotherNodeIsSeenInAnIntervalThoughNothingHappens() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, _ in }
        } _: { test in
            await test.pass(.seconds(120))
            let template = JobTemplate(kind: Greet.kind, payload: Payload(["name": "Ada"]))
            _ = try await test.memory.put(Trigger(.every(.seconds(1), offset: .zero), job: template), named: "other")
            await test.pass(test.engine.configuration.triggerInterval + .seconds(1))
            let queues = try await test.memory.overview().queues
            #expect(queues.contains { $0.counts.finished > 0 })
        }
    }
}
