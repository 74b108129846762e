import Logging
import Martlet
import MartletCore
import MartletTesting
import Testing

/// Ten years of daily slots in twenty zones, fired by two nodes and a third that is killed and paused at random.
@Suite struct DecadeTests {
    private static let zones = [
        "UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Sao_Paulo",
        "America/Santiago", "Africa/Cairo", "Africa/Casablanca", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Asia/Jerusalem", "Asia/Beirut",
        "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham",
    ]
    private static let days = 3652
    private static let day: Duration = .seconds(86_400)

    /// What one simulated decade left behind: the slots that were fired, by trigger, in the order of the jobs.
    private struct Decade: Sendable {
        var slots: [String: [Timestamp]] = [:]
        var kills = 0
    }

    private static func makeEngine(_ name: String, _ store: any Store, _ clock: VirtualClock, seed: UInt64) -> Engine {
        var configuration = EngineConfiguration(node: NodeID(name))
        configuration.roles = [.triggers]
        // A decade of looking every five seconds would prove nothing more.
        configuration.triggerInterval = day * 30
        configuration.pruneInterval = day * 10
        let logger = Logger(label: name) { _ in SwiftLogNoOpLogHandler() }
        return Engine(
            store: store, configuration: configuration, environment: Environment(clock: clock, random: SeededRandom(seed: seed)), logger: logger)
    }

    /// A node that dies without a word at a random moment and comes back, for ever; now and then it is paused first.
    private static func runMortal(_ store: any Store, _ clock: VirtualClock, _ lane: ExecutorLane, _ log: Log<Int>) async {
        let dice = Environment(clock: clock, random: SeededRandom(seed: 77))
        while !Task.isCancelled {
            let engine = makeEngine("mortal", store, clock, seed: dice.random.next())
            await withTaskGroup(of: Void.self) { group in
                group.addTask(executorPreference: lane) { await engine.run() }
                do {
                    try await clock.sleep(for: dice.duration(upTo: day * 6))
                    lane.freeze()
                    try await clock.sleep(for: dice.duration(upTo: day / 2))
                } catch {
                    // The decade is over.
                }
                lane.thaw()
                group.cancelAll()
                log.add(1)
            }
        }
    }

    /// Works the jobs off, so that each slot finds its predecessor finished, and notes which slots they are for.
    private static func work(_ store: any Store, _ clock: VirtualClock) async throws -> [String: [Timestamp]] {
        var slots: [String: [Timestamp]] = [:]
        for _ in 0..<(days * 4) {
            try await clock.sleep(for: day / 4)
            let claimed = try await store.claim(ClaimPlan(node: NodeID("worker"), kinds: [Greet.kind], limit: 1000))
            for job in claimed.jobs.map(\.job) {
                let name = try #require(job.trigger)
                let slot = try #require(job.key.flatMap { key in Timestamp(rfc3339: key.drop { $0 != "@" }.dropFirst()) })
                slots[name, default: []].append(slot)
            }
            _ = try await store.settle(claimed.jobs.map { Settlement($0.lease, .succeeded(result: nil)) })
        }
        return slots
    }

    private static func live() throws -> Decade {
        let clock = VirtualClock()
        let executor = SeededExecutor(seed: 5)
        let memory = MemoryStore(environment: Environment(clock: clock, random: SeededRandom(seed: 6)))
        let lane = executor.makeLane("mortal")
        let kills = Log<Int>()
        let slots = try executor.run(clock, stepsMax: 500_000_000) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...2 {
                    let engine = makeEngine("node-\(number)", memory, clock, seed: UInt64(number))
                    group.addTask { await engine.run() }
                }
                group.addTask { await runMortal(memory, clock, lane, kills) }
                for zone in zones {
                    let trigger = Trigger(
                        .cron(try CronExpression("30 2 * * *"), zone: zone), missed: .all, job: JobTemplate(kind: Greet.kind, payload: .emptyObject))
                    _ = try await memory.put(trigger, named: zone)
                }
                defer { group.cancelAll() }
                return try await work(memory, clock)
            }
        }
        return Decade(slots: slots, kills: kills.count)
    }

    @Test func everySlotOfTenYearsInTwentyZonesFiresOnce() throws {
        let decade = try Self.live()
        #expect(decade.kills > 500)
        #expect(decade.slots.count == Self.zones.count)
        for (zone, slots) in decade.slots {
            // One a day: a day of the clock change has one too, and no day has two. The first or the last may lie outside.
            #expect((Self.days - 1...Self.days).contains(slots.count), "\(zone) has \(slots.count)")
            for (slot, next) in zip(slots, slots.dropFirst()) {
                let gap = next - slot
                #expect(gap >= .seconds(22 * 3600) && gap <= .seconds(26 * 3600), "\(zone): \(slot) is followed by \(next)")
            }
        }
    }
}
