import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct CancelTests {
    private static func sleepy(_ engine: Engine, _ cancelled: Log<Duration>) {
        engine.handle(Greet.self) { _, context in
            do {
                try await context.environment.clock.sleep(for: .seconds(3600))
            } catch {
                cancelled.add(context.environment.clock.uptime())
                throw error
            }
        }
    }

    @Test func aJobThatRunsInThisProcessIsCancelledAtOnce() throws {
        let cancelled = Log<Duration>()
        try TestEngine.run {
            Self.sleepy($0, cancelled)
        } _: { test in
            let job = try await test.enqueue(Greet())
            await test.pass(.seconds(5))
            try await test.engine.cancel(job.id)
            let end = try await test.finished(job.id)
            #expect(end.outcome == .cancelled)
            #expect(cancelled.entries == [.seconds(5)])
        }
    }

    @Test func aJobCancelledThroughTheStoreStopsWithinAHeartbeat() throws {
        let cancelled = Log<Duration>()
        try TestEngine.run {
            Self.sleepy($0, cancelled)
        } _: { test in
            let job = try await test.enqueue(Greet())
            await test.pass(.seconds(5))
            _ = try await test.memory.cancel(job.id)
            let end = try await test.finished(job.id)
            #expect(end.outcome == .cancelled)
            #expect(cancelled.entries[0] <= .seconds(5) + test.engine.configuration.heartbeat)
        }
    }

    @Test func aReadyJobIsCancelledWithoutEverRunning() throws {
        let cancelled = Log<Duration>()
        try TestEngine.run {
            Self.sleepy($0, cancelled)
        } _: { test in
            let job = try await test.enqueue(Greet(), .init(delay: .seconds(60)))
            try await test.engine.cancel(job.id)
            await test.pass(.seconds(120))
            let end = try await test.job(job.id)
            #expect(end.outcome == .cancelled)
            #expect(end.attempt == 0)
            await #expect(throws: StoreError.wrongPhase(job.id, .finished)) { try await test.engine.cancel(job.id) }
        }
    }
}
