import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct StopTests {
    private static var oneAtATime: EngineConfiguration {
        var configuration = EngineConfiguration(node: NodeID("test"))
        configuration.concurrency = 1
        return configuration
    }

    private static func sleepy(_ engine: Engine, _ duration: Duration) {
        engine.handle(Greet.self) { _, context in try await context.environment.clock.sleep(for: duration) }
    }

    @Test func aStopLetsRunningJobsFinishAndStartsNoOther() throws {
        try TestEngine.run(configuration: Self.oneAtATime) {
            Self.sleepy($0, .seconds(10))
        } _: { test in
            let first = try await test.enqueue(Greet())
            let second = try await test.enqueue(Greet())
            await test.pass(.seconds(1))
            test.engine.stop()
            await test.pass(.seconds(60))
            #expect(try await test.job(first.id).outcome == .succeeded)
            #expect(try await test.job(second.id).phase == .ready)
            #expect(try await test.job(second.id).attempt == 0)
            #expect(try await test.memory.overview().nodes.isEmpty)
        }
    }

    @Test func afterTheGraceRunningJobsAreRequeuedAndTheAttemptIsNotCharged() throws {
        try TestEngine.run {
            Self.sleepy($0, .seconds(3600))
        } _: { test in
            let job = try await test.enqueue(Greet())
            await test.pass(.seconds(1))
            test.engine.stop()
            await test.pass(.seconds(24))
            #expect(try await test.job(job.id).phase == .running)
            await test.pass(.seconds(2))
            let requeued = try await test.job(job.id)
            #expect(requeued.phase == .ready)
            #expect(requeued.attempt == 0)
            #expect(requeued.epoch == 1)
            #expect(requeued.deaths == 0)
        }
    }

    @Test func aSecondStopHastensToTheCancellation() throws {
        try TestEngine.run {
            Self.sleepy($0, .seconds(3600))
        } _: { test in
            let job = try await test.enqueue(Greet())
            await test.pass(.seconds(1))
            test.engine.stop()
            test.engine.stop()
            await test.pass(.milliseconds(10))
            #expect(try await test.job(job.id).phase == .ready)
            #expect(try await test.memory.overview().nodes.isEmpty)
        }
    }

    @Test func jobsThatIgnoreTheirCancellationAreAbandonedAfterItsLimit() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                // Deaf to cancellation: sleeps on, whatever it is told.
                let clock = context.environment.clock
                let end = clock.uptime() + .seconds(40)
                while clock.uptime() < end { await Self.deafSleep(clock) }
            }
        } _: { test in
            try await test.enqueue(Greet())
            await test.pass(.seconds(1))
            test.engine.stop()
            await test.engine.waitUntilAbandoned()
            #expect(test.clock.uptime() == .seconds(1) + test.engine.configuration.grace + test.engine.configuration.cancellationLimit)
        }
    }

    private static func deafSleep(_ clock: any EngineClock) async {
        if let clock = clock as? VirtualClock { await clock.pass(.seconds(1)) }
    }

    @Test func whatIsLeftOfASuccessAfterACancellationIsStillASuccess() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                do { try await context.environment.clock.sleep(for: .seconds(3600)) } catch { return }
            }
        } _: { test in
            let job = try await test.enqueue(Greet())
            await test.pass(.seconds(1))
            test.engine.stop()
            test.engine.stop()
            await test.pass(.seconds(1))
            #expect(try await test.job(job.id).outcome == .succeeded)
        }
    }
}
