import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct RetryTests {
    @Test func aFailedAttemptIsRetriedUntilItSucceedsWithinTheBackoffOfItsPolicy() throws {
        let starts = Log<(attempt: Int, at: Duration)>()
        let policy = RetryPolicy(base: .seconds(10), factor: 2, max: .seconds(3600))
        try TestEngine.run { engine in
            engine.handle(Greet.self, .init(retry: policy)) { _, context in
                starts.add((context.attempt, context.environment.clock.uptime()))
                if context.attempt < 4 { throw JobError.transient("not yet") }
            }
        } _: { test in
            let job = try await test.finish(Greet())
            #expect(job.outcome == .succeeded)
            #expect(job.error == nil)
            #expect(starts.entries.map(\.attempt) == [1, 2, 3, 4])
            for (before, after) in zip(starts.entries, starts.entries.dropFirst()) {
                let ceiling = policy.ceiling(attempt: before.attempt)
                #expect(after.at - before.at <= ceiling + .milliseconds(1))
                #expect(after.at > before.at)
            }
            #expect(try await test.events(of: job.id).filter { $0.type == "attempt.failed" }.count == 3)
        }
    }

    @Test func aPermanentFailureEndsTheJobAtItsFirstAttempt() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, _ in throw JobError.permanent("no such user") }
        } _: { test in
            let job = try await test.finish(Greet())
            #expect(job.outcome == .failed)
            #expect(job.attempt == 1)
            #expect(job.error == Failure(kind: "permanent", message: "no such user"))
        }
    }

    @Test func aJobFailsForGoodWhenItsAttemptsAreUsedUp() throws {
        let runs = Log<Int>()
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                runs.add(context.attempt)
                throw JobError.transient("never")
            }
        } _: { test in
            let job = try await test.finish(Greet(), .init(maxAttempts: 3))
            #expect(job.outcome == .failed)
            #expect(job.error?.kind == "transient")
            #expect(runs.entries == [1, 2, 3])
        }
    }

    @Test func aRateLimitIsALowerBoundOfTheDelayAndChargesTheAttempt() throws {
        let starts = Log<Duration>()
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                starts.add(context.environment.clock.uptime())
                if context.attempt == 1 { throw JobError.rateLimited(after: .seconds(120), "slow down") }
            }
        } _: { test in
            let job = try await test.finish(Greet())
            #expect(job.attempt == 2)
            #expect(starts.entries[1] - starts.entries[0] >= .seconds(120))
        }
    }

    @Test func anAttemptPastItsTimeoutIsCancelledAndFailsAsSuch() throws {
        let ends = Log<Duration>()
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                do {
                    try await context.environment.clock.sleep(for: .seconds(3600))
                } catch {
                    ends.add(context.environment.clock.uptime())
                    throw error
                }
            }
        } _: { test in
            let job = try await test.finish(Greet(), .init(timeout: .seconds(7), maxAttempts: 1))
            #expect(job.outcome == .failed)
            #expect(job.error?.kind == "timeout")
            #expect(ends.count == 1)
            #expect(ends.entries[0] >= .seconds(7) && ends.entries[0] < .seconds(8))
        }
    }

    @Test func theTimeoutOfTheHandlerHoldsWhereTheJobHasNone() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self, .init(timeout: .seconds(2))) { _, context in
                try await context.environment.clock.sleep(for: .seconds(60))
            }
        } _: { test in
            let job = try await test.finish(Greet(), .init(maxAttempts: 1))
            #expect(job.error?.kind == "timeout")
            #expect(test.clock.uptime() < .seconds(3))
        }
    }

    @Test func aSnoozeGivesTheAttemptBack() throws {
        let runs = Log<Int>()
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                runs.add(context.attempt)
                if runs.count < 4 { throw JobError.snoozed(for: .seconds(3600)) }
            }
        } _: { test in
            let job = try await test.finish(Greet(), .init(maxAttempts: 1))
            #expect(job.outcome == .succeeded)
            #expect(runs.entries == [1, 1, 1, 1])
            #expect(job.epoch == 4)
            #expect(test.clock.uptime() >= .seconds(3 * 3600))
        }
    }

    @Test func aPayloadThatDoesNotFitTheTypeFailsWithoutARetry() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, _ in }
        } _: { test in
            let wrong = NewJob(id: test.environment.makeJobID(), kind: Greet.kind, payload: Payload(["name": 7]))
            let job = try await test.finished(try await test.engine.enqueue([wrong])[0].id)
            #expect(job.outcome == .failed)
            #expect(job.attempt == 1)
            #expect(job.error?.kind == "decoding")
        }
    }

    @Test func whatAHandlerReturnsIsTheResult() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { job, _ in "Hello \(job.name)" }
        } _: { test in
            let job = try await test.enqueue(Greet(name: "Grace"))
            #expect(try await test.result(of: job.id, as: String.self) == "Hello Grace")
        }
    }
}
