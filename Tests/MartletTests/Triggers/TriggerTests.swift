import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct TriggerTests {
    private static func template(_ kind: String = Greet.kind) -> JobTemplate { JobTemplate(kind: kind, payload: Payload(["name": "cron"])) }

    @Test func aCronTriggerFiresAtItsHourInItsZoneDayAfterDay() throws {
        let starts = Log<Timestamp>()
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in starts.add(context.environment.clock.now()) }
        } _: { test in
            let schedule = Trigger.Schedule.cron(try CronExpression("30 3 * * *"), zone: "Europe/Berlin")
            try await test.engine.put(Trigger(schedule, job: Self.template()), named: "nightly")
            await test.pass(.seconds(3 * 86_400))
            // Berlin is one hour ahead of UTC in winter; the run begins on the first of January at midnight UTC.
            let expected = ["2026-01-01T02:30:00Z", "2026-01-02T02:30:00Z", "2026-01-03T02:30:00Z"]
            #expect(starts.entries.map { "\($0 - .microseconds($0.microseconds % 60_000_000))" } == expected)
        }
    }

    @Test(arguments: [(Trigger.Missed.skip, 0), (.last, 1), (.all, 5)])
    func slotsThatPassedWhileNobodyWasThereFollowThePolicy(_ missed: Trigger.Missed, _ count: Int) throws {
        let starts = Log<Timestamp>()
        try Cluster.run(nodes: 1) { engine, _, _ in
            engine.handle(Greet.self) { _, context in starts.add(context.environment.clock.now()) }
        } _: { cluster in
            let trigger = Trigger(.every(.seconds(3600), offset: .zero), overlap: .queue, missed: missed, job: Self.template())
            try await cluster.engines[0].put(trigger, named: "hourly")
            await cluster.pass(.seconds(1800))
            cluster.lanes[0].freeze()
            await cluster.pass(.seconds(5 * 3600))
            cluster.lanes[0].thaw()
            await cluster.pass(.seconds(60))
            #expect(starts.count == count)
            await cluster.pass(.seconds(3600))
            #expect(starts.count == count + 1)
        }
    }

    @Test func severalNodesFireASlotOnce() throws {
        let starts = Log<String>()
        try Cluster.run(nodes: 3) { engine, lane, _ in
            engine.handle(Greet.self) { _, _ in starts.add(lane.name) }
        } _: { cluster in
            try await cluster.engines[0].put(Trigger(.every(.seconds(10), offset: .zero), job: Self.template()), named: "often")
            await cluster.pass(.seconds(605))
            #expect(starts.count == 60)
        }
    }

    @Test func anEventMakesAJobThatCarriesIt() throws {
        let payloads = Log<JSON>()
        try TestEngine.run { engine in
            engine.handle(kind: "ship") { payload, _ in
                payloads.add(payload.json)
                return nil
            }
        } _: { test in
            let filter = EventFilter(type: "placed", fields: ["country": "DE"])
            try await test.engine.put(
                Trigger(.topic(stream: "orders", filter: filter), overlap: .queue, job: JobTemplate(kind: "ship")), named: "ship")
            for country in ["FR", "DE"] {
                _ = try await test.memory.append([NewEvent(stream: "orders", type: "placed", data: Payload(["country": .string(country)]))])
            }
            try await test.until("the job has run", within: .seconds(10)) { payloads.count == 1 }
            await test.pass(.seconds(60))
            #expect(payloads.count == 1)
            #expect(payloads.entries[0]["event"]?["data"]?["country"] == "DE")
            #expect(payloads.entries[0]["event"]?["seq"] == 2)
        }
    }

    @Test func aSlotIsSkippedWhileAnEarlierJobOfItsTriggerIsUnfinished() throws {
        let starts = Log<Duration>()
        try TestEngine.run { engine in
            engine.handle(Greet.self) { _, context in
                starts.add(context.environment.clock.uptime())
                try await context.environment.clock.sleep(for: .seconds(25))
            }
        } _: { test in
            try await test.engine.put(Trigger(.every(.seconds(10), offset: .zero), overlap: .skip, job: Self.template()), named: "often")
            await test.pass(.seconds(95))
            #expect(starts.entries.map { $0.components.seconds } == [10, 40, 70])
        }
    }
}
