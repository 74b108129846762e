import MartletCore
import StoreConformance
import Testing

@Suite("The specification itself")
struct MemoryStoreTests {
    private let clock = ManualClock()

    private var scene: Scene {
        Scene(store: MemoryStore(environment: Environment(clock: clock, random: SeededRandom(seed: 1))), clock: clock)
    }

    @Test("A claim that finds nothing says how long there will be nothing")
    func aClaimSaysHowLongThereWillBeNothing() async throws {
        let scene = scene
        #expect(try await scene.claimed().nextDue == nil)
        try await scene.accept(scene.job("unknown") { $0.due = .after(.seconds(1)) })
        #expect(try await scene.claimed().nextDue == nil)
        try await scene.accept(scene.job { $0.due = .after(.seconds(60)) })
        #expect(try await scene.claimed().nextDue == .seconds(60))
        try await scene.accept(
            scene.job("unknown") {
                $0.due = .after(.seconds(10))
                $0.queueTimeout = .seconds(20)
            })
        #expect(try await scene.claimed().nextDue == .seconds(30))
        let waiting = try await scene.start(scene.job())
        #expect(try await scene.claimed().nextDue == .seconds(10), "the node's own expiry")
        try await scene.end(waiting, .waiting(Wait(.event(stream: "s", type: "e", after: 0), step: "w", deadline: .seconds(5))))
        #expect(try await scene.claimed().nextDue == .seconds(5))
        #expect(try await scene.claimed(queues: ["other": 1]).nextDue == .seconds(5), "deadlines are everybody's to sweep")
    }

    @Test("A claim on a queue without tokens says when there is one")
    func aClaimSaysWhenThereIsAToken() async throws {
        let scene = scene
        try await scene.policy { $0.rate = Rate(count: 10, per: .seconds(10), burst: 1) }
        try await scene.accept(scene.jobs(2))
        #expect(try await scene.claimed().jobs.count == 1)
        #expect(try await scene.claimed(node: "other").nextDue == .seconds(1))
        _ = try await scene.store.set("default", .paused(true))
        #expect(try await scene.claimed(node: "other").nextDue == .seconds(10), "only the node's expiry is left")
    }

    @Test("Hints that nobody has read yet become one, which names everything")
    func hintsBecomeOne() async throws {
        let scene = scene
        let hints = scene.store.wakeups()
        for stream in ["a", "b", "c"] { try await scene.append("e", to: stream) }
        let job = try await scene.accept(scene.job())
        for await hint in hints {
            #expect(hint == Wakeup(work: true, streams: ["a", "b", "c", StreamName.job(job.id)]))
            break
        }
    }

    @Test("A hint that would name too much names nothing, and says so")
    func aHintThatWouldNameTooMuchIsUnspecific() async throws {
        let fanout = WakeupFanout()
        let hints = fanout.subscribe()
        for number in 0..<1500 { fanout.send(Wakeup(work: false, streams: ["s\(number)"])) }
        for await hint in hints {
            #expect(hint.isUnspecific)
            #expect(hint.streams.count <= 1000)
            break
        }
    }

    @Test("A subscriber that is gone is forgotten")
    func aSubscriberThatIsGoneIsForgotten() async {
        let fanout = WakeupFanout()
        do {
            let hints = fanout.subscribe()
            fanout.send(Wakeup(work: true))
            for await _ in hints { break }
            #expect(fanout.hasSubscribers)
        }
        #expect(!fanout.hasSubscribers)
    }

    @Test("A sleeper wakes when the clock has been advanced that far, or when it is cancelled")
    func aSleeperWakes() async throws {
        let clock = clock
        try await clock.sleep(for: .zero)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clock.sleep(for: .seconds(5)) }
            group.addTask {
                for _ in 0..<10 {
                    clock.advance(by: .seconds(1))
                    await Task.yield()
                }
            }
            for _ in 0..<1000 where clock.uptime() < .seconds(100) {
                clock.advance(by: .seconds(1))
                await Task.yield()
            }
            try await group.waitForAll()
        }
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await clock.sleep(for: .seconds(1_000_000))
                    return false
                } catch {
                    return error is CancellationError
                }
            }
            group.cancelAll()
            for await wasCancelled in group { #expect(wasCancelled) }
        }
    }
}
