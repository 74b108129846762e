import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct StreamTests {
    @Test func progressIsConflatedAndEverythingLiveComesBeforeTheSettlement() throws {
        try TestEngine.run(through: { memory, environment in
            HookedStore(base: memory) { call, _ throws(StoreError) in
                if call == "append", let clock = environment.clock as? VirtualClock { await clock.pass(.seconds(1)) }
            }
        }) { engine in
            engine.handle(Greet.self) { _, context in
                await context.stream("line", Payload("first"))
                for number in 1...1000 { context.progress(Double(number) / 1000) }
                try await context.environment.clock.sleep(for: .milliseconds(200))
                await context.stream("line", Payload("last"))
                try context.emit("invoice", Payload("42"))
            }
        } _: { test in
            let job = try await test.finish(Greet())
            let events = try await test.events(of: job.id)
            #expect(events.map(\.sequence) == Array(1...events.count))
            #expect(events.filter { $0.type == "line" }.map(\.data.text) == ["\"first\"", "\"last\""])
            let progress = events.filter { $0.type == "progress" }
            #expect((1...2).contains(progress.count))
            #expect(progress.last.flatMap { Progress($0.data) }?.fraction == 1)
            #expect(events.suffix(2).map(\.type) == ["invoice", "succeeded"])
            #expect(job.progress?.fraction == 1)
        }
    }

    @Test func whatAFailedAttemptEmittedNeverShows() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                try context.emit("invoice", Payload(["attempt": .integer(context.attempt)]))
                if context.attempt < 3 { throw JobError.transient("again") }
            }
        } _: { test in
            let job = try await test.finish(Greet())
            let invoices = try await test.events(of: job.id).filter { $0.type == "invoice" }
            #expect(invoices.map { $0.data.json["attempt"] } == [3])
        }
    }

    @Test(arguments: [0, 1, 7, 49, 50])
    func aReaderGoesOnFromAnySequenceWithoutAGap(_ start: Int) throws {
        let seen = Log<Int>()
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                for number in 0..<100 {
                    await context.stream("line", Payload(["n": .integer(number)]))
                    if number % 3 == 0 { try await context.environment.clock.sleep(for: .milliseconds(70)) }
                }
            }
        } _: { test in
            let job = try await test.enqueue(Greet())
            try await test.until("half of it is said") { try await test.events(of: job.id).count >= 50 }
            var reader = StreamReader(StreamName.job(job.id), after: start, engine: test.engine)
            while seen.entries.last != 101 {
                for event in try await reader.page(limit: 9).events { seen.add(event.sequence) }
                if try await test.job(job.id).phase != .finished { try await reader.change() }
            }
            #expect(seen.entries == Array(start + 1...101))
        }
    }

    @Test func aReaderHearsOfAnEventAtOnce() throws {
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, _ in }
        } _: { test in
            var reader = StreamReader("news", after: 0, engine: test.engine)
            let clock = test.clock
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await clock.sleep(for: .milliseconds(300))
                    _ = try await test.memory.append([NewEvent(stream: "news", type: "item", data: .null)])
                }
                try await reader.change()
                try await group.waitForAll()
            }
            #expect(clock.uptime() == .milliseconds(300))
            #expect(try await reader.page().events.count == 1)
        }
    }

    @Test(arguments: [false, true])
    func lostWakeupsCostLatencyAndNothingElse(_ losesWakeups: Bool) throws {
        try TestEngine.run(through: { memory, _ in
            HookedStore(base: memory, losesWakeups: losesWakeups) { _, _ throws(StoreError) in }
        }) { engine in
            engine.handle(Greet.self) { _, _ in }
        } _: { test in
            await test.pass(.milliseconds(100))
            for _ in 0..<20 {
                let start = test.clock.uptime()
                let job = try await test.finish(Greet())
                #expect(job.outcome == .succeeded)
                let latency = test.clock.uptime() - start
                #expect(latency <= (losesWakeups ? test.engine.configuration.pollInterval : .zero))
                await test.pass(.milliseconds(130))
            }
        }
    }
}
