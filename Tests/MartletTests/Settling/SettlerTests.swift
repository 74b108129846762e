import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct SettlerTests {
    @Test func settlementsGatherWhileOneBatchIsUnderWay() throws {
        let batches = Log<Int>()
        try TestEngine.run(through: { memory, environment in
            HookedStore(base: memory) { call, size throws(StoreError) in
                guard call == "settle" else { return }
                batches.add(size)
                if let clock = environment.clock as? VirtualClock { await clock.pass(.milliseconds(50)) }
            }
        }) { engine in
            engine.handle(Other.self) { _, context in
                try await context.environment.clock.sleep(for: .milliseconds(Int(context.job.id.low % 40)))
            }
        } _: { test in
            _ = try await test.engine.enqueue((0..<60).map { try test.engine.prepare(Other(number: $0)) })
            try await test.until("all are finished") { try await test.memory.overview().kinds.allSatisfy { $0.counts.succeeded == 60 } }
            #expect(batches.entries.reduce(0, +) == 60)
            #expect(batches.count <= 4)
        }
    }

    @Test func settlementsOutliveAnOutageOfTheStoreAndNoBodyRunsTwice() throws {
        let runs = Log<Int>()
        let failures = Log<Bool>()
        try TestEngine.run(through: { memory, environment in
            HookedStore(base: memory) { call, _ throws(StoreError) in
                let time = environment.clock.uptime()
                guard call == "settle", time > .seconds(1), time < .seconds(60) else { return }
                failures.add(true)
                throw .unavailable(reason: "the disk is full", mayHaveHappened: failures.count % 2 == 0)
            }
        }) { engine in
            engine.handle(Other.self) { job, context in
                runs.add(job.number)
                try await context.environment.clock.sleep(for: .seconds(2))
            }
        } _: { test in
            let jobs = try await test.engine.enqueue((0..<10).map { try test.engine.prepare(Other(number: $0)) })
            for job in jobs { #expect(try await test.finished(job.id).outcome == .succeeded) }
            #expect(runs.entries.sorted() == Array(0..<10))
            #expect(test.clock.uptime() >= .seconds(60) && test.clock.uptime() < .seconds(90))
            // Fewer than one try a second: the loop does not turn faster because it fails.
            #expect((3...60).contains(failures.count))
        }
    }

    @Test func aSettlementThatNoStoreAcceptsDoesNotHoldBackTheOthers() throws {
        try TestEngine.run { engine in
            engine.handle(Other.self) { job, context in
                guard job.number == 3 else { return }
                try context.emit("mark", Payload(trusted: Array("\"\(String(repeating: "x", count: Limits.payloadBytes))\"".utf8)))
            }
        } _: { test in
            let jobs = try await test.engine.enqueue((0..<6).map { try test.engine.prepare(Other(number: $0), .init(maxAttempts: 1)) })
            for job in jobs where job.payload.json["number"] != 3 { #expect(try await test.finished(job.id).outcome == .succeeded) }
            #expect(try await test.finished(jobs[3].id).outcome == .failed)
        }
    }
}
