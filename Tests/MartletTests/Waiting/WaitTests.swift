import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct WaitTests {
    private static var oneSlot: EngineConfiguration {
        var configuration = EngineConfiguration(node: NodeID("test"))
        configuration.concurrency = 1
        return configuration
    }

    @Test func aSleepingJobHoldsNoSlotAndKeepsItsAttempt() throws {
        let runs = Log<Duration>()
        try TestEngine.run(configuration: Self.oneSlot) { engine in
            engine.handle(Greet.self) { _, context in
                try await context.sleep(for: .seconds(86_400))
                runs.add(context.environment.clock.uptime())
            }
            engine.handle(Other.self) { _, _ in }
        } _: { test in
            let sleeper = try await test.enqueue(Greet())
            await test.pass(.seconds(1))
            #expect(try await test.job(sleeper.id).phase == .ready)
            #expect(try await test.finish(Other()).outcome == .succeeded)
            #expect(test.clock.uptime() < .seconds(10))
            let job = try await test.finished(sleeper.id, within: .seconds(2 * 86_400))
            #expect(job.outcome == .succeeded)
            #expect(job.attempt == 1)
            #expect(runs.count == 1)
            #expect(runs.entries[0] >= .seconds(86_400))
        }
    }

    @Test func aWaitingJobHoldsNoSlotAndWakesAtItsSignal() throws {
        try TestEngine.run(configuration: Self.oneSlot) { engine in
            engine.handle(Greet.self) { _, context in try await context.wait(for: "approved", as: String.self) ?? "nobody" }
            engine.handle(Other.self) { _, _ in }
        } _: { test in
            let waiter = try await test.enqueue(Greet())
            await test.pass(.seconds(1))
            #expect(try await test.job(waiter.id).phase == .waiting)
            #expect(try await test.finish(Other()).outcome == .succeeded)
            try await test.engine.signal(waiter.id, "approved", data: Payload("by Grace"))
            #expect(try await test.result(of: waiter.id, as: String.self, within: .seconds(1)) == "by Grace")
            #expect(try await test.job(waiter.id).attempt == 1)
        }
    }

    @Test func aSignalThatCameBeforeTheWaitCountsAndEachWaitTakesTheNext() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                var heard: [Int] = []
                while heard.count < 3 { heard.append(try await context.wait(for: "tick", as: Int.self) ?? -1) }
                return heard
            }
        } _: { test in
            let job = try await test.enqueue(Greet(), .init(delay: .seconds(5)))
            try await test.engine.signal(job.id, "tick", data: Payload(1))
            try await test.engine.signal(job.id, "tock", data: Payload(0))
            try await test.engine.signal(job.id, "tick", data: Payload(2))
            await test.pass(.seconds(60))
            #expect(try await test.job(job.id).phase == .waiting)
            try await test.engine.signal(job.id, "tick", data: Payload(3))
            #expect(try await test.result(of: job.id, as: [Int].self) == [1, 2, 3])
        }
    }

    @Test func aWaitPastItsDeadlineAnswersNothing() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                try await context.wait(for: "approved", within: .seconds(600)) == nil ? "too late" : "approved"
            }
        } _: { test in
            let job = try await test.enqueue(Greet())
            #expect(try await test.result(of: job.id, as: String.self) == "too late")
            #expect(test.clock.uptime() >= .seconds(600) && test.clock.uptime() < .seconds(605))
        }
    }

    @Test func aHandlerThatSwallowsItsSuspensionIsSuspendedAllTheSame() throws {
        let ends = Log<Duration>()
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                do { try await context.sleep(for: .seconds(100)) } catch {}
                // What it does after that has no effect until it has slept.
                do { try await context.step("after") { ends.add(context.environment.clock.uptime()) } } catch {}
            }
        } _: { test in
            let job = try await test.finish(Greet())
            #expect(job.outcome == .succeeded)
            #expect(ends.count == 1)
            #expect(ends.entries[0] >= .seconds(100))
        }
    }

    @Test func aSignalToAFinishedJobIsRefused() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, _ in }
        } _: { test in
            let job = try await test.finish(Greet())
            await #expect(throws: StoreError.wrongPhase(job.id, .finished)) { try await test.engine.signal(job.id, "late") }
        }
    }
}
