import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct StepTests {
    @Test func aStepThatIsDoneIsReusedByTheNextAttempt() throws {
        let bodies = Log<String>()
        let seen = Log<Int>()
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                let number = try await context.step("draw") {
                    bodies.add("draw")
                    return 41 + context.attempt
                }
                seen.add(number)
                try await context.step("mail") { bodies.add("mail") }
                if context.attempt < 3 { throw JobError.transient("again") }
            }
        } _: { test in
            let job = try await test.finish(Greet())
            #expect(job.outcome == .succeeded)
            #expect(bodies.entries == ["draw", "mail"])
            #expect(seen.entries == [42, 42, 42])
            #expect(try await test.steps(job.id).map(\.name) == ["draw", "mail"])
        }
    }

    @Test func aNameThatIsUsedAgainIsNumbered() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                var sum = 0
                for number in 1...3 { sum += try await context.step("add") { number } }
                return sum
            }
        } _: { test in
            let job = try await test.enqueue(Greet())
            #expect(try await test.result(of: job.id, as: Int.self) == 6)
            #expect(try await test.steps(job.id).map(\.name) == ["add", "add#2", "add#3"])
        }
    }

    @Test func aStepThatThrowsIsNotRecorded() throws {
        let bodies = Log<Int>()
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                try await context.step("flaky") {
                    bodies.add(context.attempt)
                    if context.attempt == 1 { throw JobError.transient("no") }
                }
            }
        } _: { test in
            let job = try await test.finish(Greet())
            #expect(job.outcome == .succeeded)
            #expect(bodies.entries == [1, 2])
        }
    }

    @Test func aStepWhoseResultCannotBeWrittenNowIsWrittenLaterAndNotComputedAgain() throws {
        let bodies = Log<Int>()
        let calls = Log<Duration>()
        try TestEngine.run(through: { memory, environment in
            HookedStore(base: memory) { call, _ throws(StoreError) in
                guard call == "record" else { return }
                calls.add(environment.clock.uptime())
                if calls.count < 6 { throw .unavailable(reason: "away", mayHaveHappened: calls.count == 3) }
            }
        }) { engine in
            engine.handle(Greet.self) { _, context in
                try await context.step("once") { bodies.add(1) }
            }
        } _: { test in
            let job = try await test.finish(Greet())
            #expect(job.outcome == .succeeded)
            #expect(job.attempt == 1)
            #expect(bodies.count == 1)
            #expect(calls.count == 6)
        }
    }
}
