import Martlet
import MartletCore
import StoreConformance
import Testing

@Suite("A copy between stores, in memory and in leaps of time", .timeLimit(.minutes(5)))
struct MemoryCopyTests {
    let clock = LeapingClock()
    let environment: Environment
    let source: MemoryStore
    let target: MemoryStore

    init() {
        environment = Environment(clock: clock, random: SeededRandom(seed: 7))
        source = MemoryStore(environment: environment)
        target = MemoryStore(environment: Environment(clock: clock, random: SeededRandom(seed: 8)))
    }

    private func copy(
        from theirs: (any Store)? = nil, to ours: (any Store)? = nil, _ shape: (inout StoreCopy.Options) -> Void = { _ in }
    ) async throws -> CopyReport {
        var options = StoreCopy.Options()
        shape(&options)
        return try await StoreCopy(from: theirs ?? source, to: ours ?? target, options: options, environment: environment).run()
    }

    private var scene: SourceScene { SourceScene(store: source, environment: environment) }

    @Test func `everything stands at the target as it stood, both paused, and a second run changes nothing`() async throws {
        try await scene.fill()
        let report = try await copy()
        #expect(report.copied == report.jobs)
        #expect(try await Oracle(store: source).differences(to: Oracle(store: target)) == [])
        #expect(try await target.overview().queues.allSatisfy(\.isPaused))
        #expect(report.heldQueues == ["default", "later", "tried", "waiting"])
        #expect(report.heldTriggers == ["hourly"])
        let again = try await copy()
        #expect((again.copied, again.events, again.jobs) == (0, 0, report.jobs))
        #expect(await target.audit() == [])
    }

    @Test func `a copy that fails at any call goes on when it is run again`() async throws {
        try await scene.fill(plain: 250)
        var calls = 1
        while true {
            let target = MemoryStore(environment: environment)
            let faulty = FaultyStore(target, failing: calls, calls.isMultiple(of: 2) ? .before : .after)
            do {
                _ = try await copy(to: faulty)
                if faulty.faults == 0 { break }
            } catch is StoreError {
                clock.advance(by: .seconds(20))
                _ = try await copy(to: target)
            }
            #expect(try await Oracle(store: source).differences(to: Oracle(store: target)) == [], "call \(calls)")
            calls += 1
        }
        #expect(calls > 30)
    }

    @Test(arguments: 1...40) func `whatever clients and workers do meanwhile, no job is run by both and none is lost`(_ seed: UInt64) async throws {
        try await scene.fill(plain: 120)
        let meddler = Meddler(source, target, environment, seed: seed)
        _ = try await copy(from: meddler.source, to: meddler.target)
        #expect(meddler.grabbed == [], "the target handed out jobs before it was started")
        #expect(try await Oracle(store: source).differences(to: Oracle(store: target)) == [])
        #expect(await target.audit() == [])
        #expect(meddler.moves > 150, "all of them have had their turn")
    }

    @Test func `a job that runs is waited for and copied with its end`() async throws {
        try await scene.fill()
        let job = scene.job("slow")
        _ = try await source.enqueue([job])
        let claimed = try await source.claim(ClaimPlan(node: NodeID("w"), kinds: ["slow"], limit: 1, ttl: .seconds(600)))
        let lease = try #require(claimed.jobs.first).lease
        let store = source
        let ends = MeddledStore(source) { number in
            if number == 40 { _ = try await store.settle([Settlement(lease, .succeeded(result: Payload(["late": true])))]) }
        }
        _ = try await copy(from: ends)
        #expect(try await target.job(job.id)?.job.outcome == .succeeded)
        #expect(try await Oracle(store: source).differences(to: Oracle(store: target)) == [])
    }

    @Test func `a job that does not end is said, the rest is there, and a later run brings it`() async throws {
        try await scene.fill()
        _ = try await source.enqueue([scene.job("slow")])
        let claimed = try await source.claim(ClaimPlan(node: NodeID("w"), kinds: ["slow"], limit: 1, ttl: .seconds(100_000)))
        await #expect(throws: CopyError.stillRunning(1)) { _ = try await copy() }
        let lease = try #require(claimed.jobs.first).lease
        #expect(try await target.job(lease.job) == nil)
        _ = try await source.settle([Settlement(lease, .succeeded(result: nil))])
        #expect(try await copy().copied == 1)
        #expect(try await Oracle(store: source).differences(to: Oracle(store: target)) == [])
    }

    @Test func `a job whose worker died goes back and is copied, though nobody else is left to see it`() async throws {
        _ = try await source.enqueue([scene.job("slow")])
        _ = try await source.claim(ClaimPlan(node: NodeID("w"), kinds: ["slow"], limit: 1, ttl: .seconds(5)))
        clock.advance(by: .seconds(6))
        #expect(try await copy().queues["default"]?.ready == 1)
    }

    @Test func `a started target serves what was served, epochs go on, and what comes late to the source is brought by another run`() async throws {
        try await scene.fill()
        let report = try await copy { $0.startsTarget = true }
        #expect(report.isStarted)
        let overview = try await target.overview()
        #expect(overview.queues.filter { !$0.isPaused }.map(\.name) == ["default", "later", "tried", "waiting"])
        #expect(overview.triggers.filter { !$0.trigger.isPaused }.map(\.name) == ["hourly", "orders"])
        #expect(try await source.overview().queues.allSatisfy(\.isPaused))
        let claimed = try await target.claim(ClaimPlan(node: NodeID("new"), kinds: nil, limit: 20)).jobs
        for job in claimed { #expect(try await source.job(job.job.id)?.job.epoch == job.job.epoch - 1) }
        _ = try await target.settle(claimed.map { Settlement($0.lease, .succeeded(result: nil)) })
        let late = scene.job("late")
        _ = try await source.enqueue([late])
        _ = try await source.append([NewEvent(stream: StreamName.job(late.id), type: "note", data: .null)])
        let before = try await Oracle(store: target).details()
        let second = try await copy()
        #expect(second.wasLive && second.copied == 1)
        let after = try await Oracle(store: target).details()
        #expect(after.filter { $0.job.id != late.id } == before)
        #expect(try await target.read(StreamName.job(late.id), after: 0, limit: 9).events.map(\.type) == ["note"])
        #expect(try await target.claim(ClaimPlan(node: NodeID("new"), kinds: ["late"], limit: 9)).jobs.map(\.job.id) == [late.id])
    }

    @Test func `a dry run writes nothing and counts what would come`() async throws {
        try await scene.fill()
        let (theirs, ours) = (try await source.overview(), try await target.overview())
        let report = try await copy { $0.isRehearsal = true }
        #expect(report.jobs == theirs.queues.reduce(0) { $0 + $1.counts.total })
        #expect(try await source.overview().queues == theirs.queues)
        #expect(try await target.overview().queues == ours.queues)
        #expect(try await source.read("copy", after: 0, limit: 9).last == 0)
        #expect(try await target.read("copy", after: 0, limit: 9).last == 0)
    }

    @Test func `one store by two names is refused, and so is a target at work`() async throws {
        await #expect(throws: CopyError.sameStore) { _ = try await copy(to: source) }
        _ = try await source.enqueue([scene.job()])
        _ = try await target.enqueue([scene.job()])
        await #expect(throws: CopyError.targetServes(queue: "default", unfinished: 1)) { _ = try await copy() }
        #expect(try await source.overview().queues.map(\.isPaused) == [false])
        _ = try await target.set("default", .paused(true))
        #expect(try await copy().copied == 1)
        #expect(try await target.overview().queues.map(\.counts.ready) == [2])
    }

    @Test func `jobs that collide are named, and hold back no other`() async throws {
        let (mine, taken) = (scene.job(), scene.job { $0.key = IdempotencyKey("k") })
        _ = try await source.enqueue([mine, taken, scene.job()])
        clock.advance(by: .seconds(1))
        var other = mine
        other.payload = Payload(["n": 2])
        _ = try await target.set("default", .paused(true))
        _ = try await target.enqueue([other, scene.job { $0.key = IdempotencyKey("k") }])
        let error = await #expect(throws: CopyError.self) { _ = try await copy() }
        guard case .refused(2, let examples)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(examples.joined().contains(mine.id.description))
        #expect(examples.joined().contains("the key 'k'"))
        #expect(try await target.overview().queues.map(\.counts.ready) == [3])
    }

    @Test func `numbers of events that retention has removed are not given out again`() async throws {
        _ = try await source.enqueue([scene.job()])
        _ = try await source.append((0..<5).map { NewEvent(stream: "queue/default", type: "old", data: Payload(.integer($0))) })
        clock.advance(by: .seconds(100))
        _ = try await source.prune(limit: 100, eventRetention: .seconds(50))
        _ = try await copy()
        #expect(try await target.read("queue/default", after: 0, limit: 9).last == 5)
        _ = try await source.append([NewEvent(stream: "queue/default", type: "new", data: .null)])
        _ = try await copy()
        let page = try await target.read("queue/default", after: 5, limit: 9)
        #expect(page.events.map(\.type) == ["new"])
    }

    @Test func `two copies into one target do not get into each other's way`() async throws {
        _ = try await target.acquire("copy", owner: "somebody", for: .seconds(500))
        await #expect(throws: CopyError.busy(owner: "somebody")) { _ = try await copy() }
    }
}
