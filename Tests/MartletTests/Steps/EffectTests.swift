import Martlet
import MartletCore
import MartletTesting
import Testing

/// An effect whose intent is recorded and whose outcome is not (invariant 13).
@Suite struct EffectTests {
    private static func run(
        _ answer: @escaping @Sendable () -> JobContext.Reconciliation<String>, bodies: Log<Int>,
        _ body: @escaping @Sendable (TestEngine) async throws -> Void
    ) throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                try await context.effect("charge") { () async throws -> JobContext.Reconciliation<String> in
                    answer()
                } _: {
                    bodies.add(context.attempt)
                    if context.attempt == 1 { throw JobError.transient("the line broke") }
                    return "charged"
                }
            }
        } _: {
            try await body($0)
        }
    }

    @Test func anEffectThatTurnsOutToBeDoneIsNotRepeated() throws {
        let bodies = Log<Int>()
        try Self.run({ .done("found") }, bodies: bodies) { test in
            let job = try await test.enqueue(Greet())
            #expect(try await test.result(of: job.id, as: String.self) == "found")
            #expect(bodies.entries == [1])
        }
    }

    @Test func anEffectThatDidNotHappenIsTriedAgain() throws {
        let bodies = Log<Int>()
        try Self.run({ .notDone }, bodies: bodies) { test in
            let job = try await test.enqueue(Greet())
            #expect(try await test.result(of: job.id, as: String.self) == "charged")
            #expect(bodies.entries == [1, 2])
        }
    }

    @Test func anEffectOfWhichNobodyKnowsFailsTheJobAndIsNeverRepeated() throws {
        let bodies = Log<Int>()
        try Self.run({ .unknown }, bodies: bodies) { test in
            let job = try await test.finish(Greet())
            #expect(job.outcome == .failed)
            #expect(job.error?.kind == "effect-unknown")
            #expect(bodies.entries == [1])
            _ = try await test.memory.revive(job.id)
            await test.pass(.seconds(10))
            #expect(try await test.finished(job.id).error?.kind == "effect-unknown")
            #expect(bodies.entries == [1])
        }
    }

    @Test func anEffectThatIsDoneAsksNobody() throws {
        let asked = Log<Int>()
        let bodies = Log<Int>()
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                _ = try await context.effect("charge") { () async throws -> JobContext.Reconciliation<Int> in
                    asked.add(1)
                    return .unknown
                } _: {
                    bodies.add(1)
                    return 1
                }
                if context.attempt < 3 { throw JobError.transient("later") }
            }
        } _: { test in
            let job = try await test.finish(Greet())
            #expect(job.outcome == .succeeded)
            #expect(bodies.count == 1)
            #expect(asked.count == 0)
        }
    }
}
