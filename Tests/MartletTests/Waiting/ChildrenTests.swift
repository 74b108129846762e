import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct ChildrenTests {
    @Test func aParentWakesWhenItsLastChildIsFinishedAndHearsHowTheyEnded() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                try await context.enqueue((0..<10).map { Other(number: $0) })
                let end = try await context.waitForChildren()
                return [end?.succeeded ?? -1, end?.failed ?? -1, end?.cancelled ?? -1]
            }
            engine.handle(Other.self) { job, context in
                if job.number < 3 { throw JobError.permanent("unlucky") }
                try await context.environment.clock.sleep(for: .seconds(job.number))
            }
        } _: { test in
            let parent = try await test.enqueue(Greet())
            #expect(try await test.result(of: parent.id, as: [Int].self) == [7, 3, 0])
            #expect(test.clock.uptime() >= .seconds(9))
            let children = try await test.jobs { $0.parent = parent.id }
            #expect(children.count == 10)
            #expect(children.allSatisfy { $0.phase == .finished })
        }
    }

    @Test func childrenAreEnqueuedOnceHoweverOftenTheirParentIsTried() throws {
        let runs = Log<Int>()
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                try await context.enqueue((0..<4).map { Other(number: $0) })
                if context.attempt < 4 { throw JobError.transient("again") }
                return try await context.waitForChildren()?.succeeded ?? 0
            }
            engine.handle(Other.self) { job, _ in runs.add(job.number) }
        } _: { test in
            let parent = try await test.enqueue(Greet())
            #expect(try await test.result(of: parent.id, as: Int.self) == 4)
            #expect(runs.entries.sorted() == [0, 1, 2, 3])
        }
    }

    @Test func childrenWhoseEnqueueFailedHalfWayAreEnqueuedAgainAndAreStillTheSame() throws {
        let records = Log<Int>()
        try TestEngine.run(through: { memory, _ in
            HookedStore(base: memory) { call, _ throws(StoreError) in
                guard call == "record" else { return }
                records.add(1)
                // The children are there, the word that they are is not: what a crash between the two leaves behind.
                if records.count == 1 { throw .invalid(field: "step", reason: "is refused this once") }
            }
        }) { engine in
            engine.handle(Greet.self) { _, context in
                do {
                    try await context.enqueue((0..<4).map { Other(number: $0) })
                } catch is StoreError {
                    throw JobError.transient("half way")
                }
                return try await context.waitForChildren()?.succeeded ?? 0
            }
            engine.handle(Other.self) { _, _ in }
        } _: { test in
            let parent = try await test.enqueue(Greet())
            #expect(try await test.result(of: parent.id, as: Int.self) == 4)
            #expect(try await test.jobs { $0.parent = parent.id }.count == 4)
        }
    }

    @Test func aParentThatWaitsTooLongGoesOnWithoutThem() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                try await context.enqueue([Other()])
                return try await context.waitForChildren(within: .seconds(30)) == nil
            }
            engine.handle(Other.self) { _, context in try await context.environment.clock.sleep(for: .seconds(300)) }
        } _: { test in
            let parent = try await test.enqueue(Greet())
            #expect(try await test.result(of: parent.id, as: Bool.self))
            #expect(test.clock.uptime() < .seconds(40))
        }
    }
}
