import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct StopOrderTests {
    @Test("S4-17: a stop goes from the claims over the handlers and what they said to their settlements, and the node leaves last")
    func order() throws {
        let log = Log<String>()
        let isStopping = Log<Bool>()
        try TestEngine.run(through: { memory, _ in
            HookedStore(base: memory) { call, _ throws(StoreError) in
                if isStopping.count > 0, ["claim", "append", "settle", "renew", "fire", "prune"].contains(call) { log.add(call) }
            }
        }) { engine in
            engine.handle(Greet.self) { _, context in
                try await context.environment.clock.sleep(for: .seconds(10))
                try context.emit("said", Payload(["a": 1]))
                log.add("handler")
            }
        } _: { test in
            let job = try await test.enqueue(Greet())
            await test.pass(.seconds(1))
            isStopping.add(true)
            test.engine.stop()
            await test.pass(.seconds(120))
            #expect(try await test.job(job.id).outcome == .succeeded)
            let handler = try #require(log.entries.firstIndex(of: "handler"))
            let settled = try #require(log.entries.firstIndex(of: "settle"))
            let left = try #require(log.entries.lastIndex(of: "renew"))
            #expect(handler < settled && settled < left)
            #expect(left == log.count - 1, "\(log.entries)")
            // Who stops takes nothing new, whatever there is.
            #expect(!log.entries.contains("claim") && !log.entries.contains("fire"), "\(log.entries)")
            #expect(try await test.memory.overview().nodes.isEmpty)
        }
    }
}
