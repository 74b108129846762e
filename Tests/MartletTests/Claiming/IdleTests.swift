import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct IdleTests {
    @Test func anIdleNodeAsksSeldomAndWakesAtOnce() throws {
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
