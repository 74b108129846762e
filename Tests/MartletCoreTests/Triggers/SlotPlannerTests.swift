import MartletCore
import Testing

@Suite struct SlotPlannerTests {
    private static let minutely = Trigger.Schedule.every(.seconds(60), offset: .zero)
    private static let noon = Timestamp(seconds: 1_767_268_800)  // 2026-01-01T12:00:00Z

    private static func state(_ schedule: Trigger.Schedule, _ missed: Trigger.Missed = .last, next: Timestamp?, paused: Bool = false) -> TriggerState
    {
        var template = JobTemplate(kind: "report", payload: Payload(["day": 1]))
        template.queue = "nightly"
        let trigger = Trigger(schedule, missed: missed, isPaused: paused, job: template)
        return TriggerState(name: "daily", trigger: trigger, revision: 3, nextSlot: next, lastSlot: nil, createdAt: .epoch)
    }

    private static func plan(_ state: TriggerState, now: Timestamp) -> FirePlan? {
        var number: UInt64 = 0
        return SlotPlanner.plan(state: state, now: now) {
            number += 1
            return JobID(high: 0, low: number)
        }
    }

    @Test func `a new trigger gets its first slot after now and no job`() throws {
        let plan = try #require(Self.plan(Self.state(Self.minutely, next: nil), now: Self.noon))
        #expect(plan.slot == nil && plan.firing.isEmpty && plan.revision == 3 && plan.trigger == "daily")
        #expect(plan.next == Self.noon + .seconds(60))
    }

    @Test func `nothing is planned before the slot, while paused, for a topic or for a zone unknown here`() throws {
        #expect(Self.plan(Self.state(Self.minutely, next: Self.noon), now: Self.noon - .microseconds(1)) == nil)
        #expect(Self.plan(Self.state(Self.minutely, next: Self.noon, paused: true), now: Self.noon) == nil)
        #expect(Self.plan(Self.state(.topic(stream: "s", filter: EventFilter()), next: nil), now: Self.noon) == nil)
        #expect(Self.plan(Self.state(.cron(try CronExpression("* * * * *"), zone: "No/Where"), next: nil), now: Self.noon) == nil)
    }

    @Test(arguments: Trigger.Missed.allCases)
    func `a slot fires at its instant, whatever the policy for missed ones`(missed: Trigger.Missed) throws {
        let plan = try #require(Self.plan(Self.state(Self.minutely, missed, next: Self.noon), now: Self.noon))
        #expect(plan.slot == Self.noon && plan.next == Self.noon + .seconds(60) && plan.firing.map(\.slot) == [Self.noon])
        let job = try #require(plan.firing.first?.job)
        #expect(job.kind == "report" && job.queue == "nightly" && job.trigger == "daily" && job.due == .at(Self.noon) && job.fault == nil)
        #expect(job.key == IdempotencyKey("daily@2026-01-01T12:00:00Z", scope: .window(.seconds(86_400))))
    }

    @Test func `skip drops what is older than a minute and fires what is on time`() throws {
        let state = Self.state(.every(.seconds(20), offset: .zero), .skip, next: Self.noon)
        let now = Self.noon + .seconds(605)
        let plan = try #require(Self.plan(state, now: now))
        #expect(plan.firing.map { $0.slot - Self.noon } == [.seconds(560), .seconds(580), .seconds(600)])
        #expect(plan.slot == Self.noon && plan.next == Self.noon + .seconds(620))
        let exactly = try #require(Self.plan(Self.state(Self.minutely, .skip, next: Self.noon), now: Self.noon + .seconds(60)))
        #expect(exactly.firing.map(\.slot) == [Self.noon, Self.noon + .seconds(60)])
        let hourly = try #require(Self.plan(Self.state(.every(.seconds(3600), offset: .zero), .skip, next: Self.noon), now: Self.noon + .seconds(61)))
        #expect(hourly.firing.isEmpty && hourly.next == Self.noon + .seconds(3600))
    }

    @Test func `last fires the latest of the slots that passed, however many there were`() throws {
        let plan = try #require(Self.plan(Self.state(Self.minutely, .last, next: Self.noon), now: Self.noon + .seconds(7199)))
        #expect(plan.firing.map(\.slot) == [Self.noon + .seconds(7140)])
        #expect(plan.next == Self.noon + .seconds(7200))
        // Ten years of seconds are found by halving, not by counting.
        let long = Self.noon + .seconds(10 * 365 * 86_400) + .milliseconds(500)
        let every = try #require(
            Self.plan(Self.state(.cron(try CronExpression("* * * * * *"), zone: "Europe/Berlin"), .last, next: Self.noon), now: long))
        #expect(every.firing.map(\.slot) == [long - .milliseconds(500)])
    }

    @Test func `last finds the latest slot of any schedule`() throws {
        let random = SeededRandom(seed: 8)
        for text in ["0 3 * * *", "*/7 1,2 * * 0", "0 0 29 2 *", "* 3 1 1 *"] {
            let (expression, zone) = (try CronExpression(text), try ZoneRules("Europe/Berlin"))
            for _ in 0..<5 {
                let first = try #require(expression.next(after: Self.noon, in: zone))
                let now = first + .seconds(Int64(random.next() % 40_000_000))
                var expected = first
                while let next = expression.next(after: expected, in: zone), next <= now { expected = next }
                let plan = try #require(Self.plan(Self.state(.cron(expression, zone: "Europe/Berlin"), .last, next: first), now: now))
                #expect(plan.firing.map(\.slot) == [expected], "\(text) at \(now)")
            }
        }
    }

    @Test func `all fires every slot, oldest first, a thousand at a time`() throws {
        var state = Self.state(Self.minutely, .all, next: Self.noon)
        let now = Self.noon + .seconds(2500 * 60)
        var fired: [Timestamp] = []
        var sizes: [Int] = []
        while let plan = Self.plan(state, now: now) {
            fired += plan.firing.map(\.slot)
            sizes.append(plan.firing.count)
            state.nextSlot = plan.next
        }
        #expect(sizes == [1000, 1000, 501])
        #expect(fired == (0...2500).map { Self.noon + .seconds($0 * 60) })
        #expect(state.nextSlot == Self.noon + .seconds(2501 * 60))
    }

    @Test func `an interval comes on its multiples since 1970 plus its offset`() {
        let schedule = Trigger.Schedule.every(.seconds(3600), offset: .seconds(900))
        #expect(SlotPlanner.next(schedule, after: Self.noon) == Self.noon + .seconds(900))
        #expect(SlotPlanner.next(schedule, after: Self.noon + .seconds(900)) == Self.noon + .seconds(4500))
        #expect(SlotPlanner.next(schedule, after: Timestamp(seconds: -3600)) == Timestamp(seconds: -2700))
        #expect(SlotPlanner.upcoming(schedule, after: .epoch, count: 3) == [900, 4500, 8100].map { Timestamp(seconds: $0) })
        #expect(SlotPlanner.next(schedule, after: .distantFuture) == nil)
        #expect(SlotPlanner.upcoming(.topic(stream: "s", filter: EventFilter()), after: .epoch, count: 3).isEmpty)
    }

    @Test func `jitter moves a job by a time that follows from name and slot, never beyond its bound`() throws {
        var state = Self.state(Self.minutely, .all, next: Self.noon)
        state.trigger.jitter = .seconds(30)
        let plan = try #require(Self.plan(state, now: Self.noon + .seconds(999 * 60)))
        var delays: Set<Duration> = []
        for firing in plan.firing {
            let delay = state.trigger.delay(name: "daily", slot: firing.slot)
            #expect(firing.job.due == .at(firing.slot + delay))
            #expect(delay >= .zero && delay <= .seconds(30))
            delays.insert(delay)
        }
        #expect(delays.count > 990)
        let mean = delays.map(\.inSeconds).reduce(0, +) / Double(delays.count)
        #expect(abs(mean - 15) < 2)
        #expect(state.trigger.delay(name: "daily", slot: Self.noon) != state.trigger.delay(name: "hourly", slot: Self.noon))
        state.trigger.jitter = .zero
        #expect(state.trigger.delay(name: "daily", slot: Self.noon) == .zero)
    }
}
