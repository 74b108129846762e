import MartletCore
import StoreConformance
import Testing

@testable import RedisStore

@Suite("No call is long, whatever there is to do", .timeLimit(.minutes(5)))
struct SliceTests {
    private let clock: ManualClock
    private let environment: Environment

    init() {
        clock = ManualClock()
        environment = Environment(clock: clock, random: SeededRandom(seed: 1))
    }

    private func job(_ tenant: String = "", kind: String = "work") -> NewJob {
        var job = NewJob(id: environment.makeJobID(), kind: kind, payload: .emptyObject)
        job.tenant = tenant
        return job
    }

    private func ready(_ store: RedisStore) async throws -> Int { try await store.overview().queues.reduce(0) { $0 + $1.counts.ready } }

    @Test("A node that dies with much in hand is buried in slices, and comes back as another")
    func aDeathIsSwept() async throws {
        try await TestPlaces.with { places in
            let store = try await places.open(environment)
            _ = try await store.enqueue((0..<900).map { _ in job() })
            let plan = ClaimPlan(node: NodeID("a"), kinds: nil, limit: 450)
            let held = try await store.claim(plan).jobs + store.claim(plan).jobs
            #expect(held.count == 900)
            clock.advance(by: .seconds(11))

            let look = ClaimPlan(node: NodeID("b"), kinds: ["none"], limit: 1)
            #expect(try await store.claim(look).nextDue == .zero)
            #expect(try await ready(store) == 200)
            // What is still to be buried may end as if the node had said so in time.
            let settled = try await store.settle(held.map { Settlement($0.lease, .succeeded(result: nil)) })
            let ended = settled.count { $0 == .settled(.finished, .succeeded) }
            #expect(ended == 700)
            #expect(settled.count { if case .refused(.leaseLost) = $0 { true } else { false } } == 200)

            // The node comes back: what it holds from now on is none of the dead.
            let again = try await store.claim(ClaimPlan(node: NodeID("a"), kinds: nil, limit: 50))
            #expect(again.jobs.count == 50)
            #expect(again.jobs.allSatisfy { $0.job.attempt == 2 && $0.job.deaths == 1 })
            for _ in 0..<6 { _ = try await store.claim(look) }
            #expect(try await ready(store) == 150)
            #expect(try await store.claim(look).nextDue != .zero)
        }
    }

    @Test("All that is held at a death is blamed alike, whichever slice it is in")
    func aDeathIsOne() async throws {
        try await TestPlaces.with { places in
            let store = try await places.open(environment)
            let suspect = job()
            _ = try await store.enqueue([suspect])
            let look = ClaimPlan(node: NodeID("b"), kinds: ["none"], limit: 1)
            for _ in 0..<2 {
                _ = try await store.claim(ClaimPlan(node: NodeID("a"), kinds: nil, limit: 1))
                clock.advance(by: .seconds(11))
                _ = try await store.claim(look)
            }
            _ = try await store.enqueue((0..<400).map { _ in job() })
            #expect(try await store.claim(ClaimPlan(node: NodeID("a"), kinds: nil, limit: 450)).jobs.count == 401)
            clock.advance(by: .seconds(11))
            for _ in 0..<4 { _ = try await store.claim(look) }
            #expect(try await ready(store) == 400)
            #expect(try await store.job(suspect.id)?.job.outcome == .failed)
            var query = JobQuery()
            query.phase = .ready
            query.limit = 100
            #expect(try await store.jobs(query).jobs.allSatisfy { $0.deaths == 0 })
        }
    }

    @Test("Timeouts and deadlines are swept in slices")
    func timeoutsAreSwept() async throws {
        try await TestPlaces.with { places in
            let store = try await places.open(environment)
            var jobs = (0..<500).map { _ in job() }
            for index in jobs.indices { jobs[index].queueTimeout = .seconds(5) }
            _ = try await store.enqueue(jobs)
            clock.advance(by: .seconds(6))
            let look = ClaimPlan(node: NodeID("b"), kinds: nil, limit: 1)
            for rest in [300, 100, 0] {
                _ = try await store.claim(ClaimPlan(node: NodeID("b"), kinds: ["none"], limit: 1))
                #expect(try await ready(store) == rest)
            }
            #expect(try await store.claim(look).jobs.isEmpty)
        }
    }

    @Test("A queue of many tenants is dealt as the specification deals it")
    func manyTenantsAreDealtAlike() async throws {
        try await TestPlaces.with { places in
            let (store, memory) = (try await places.open(environment), MemoryStore(environment: environment))
            var jobs: [NewJob] = []
            for number in 0..<1000 {
                var one = job("tenant-\(number * 7 % 400)", kind: number % 5 == 0 ? "rare" : "work")
                one.priority = Priority(number % 4) ?? .standard
                if number % 11 == 0 { one.due = .after(.seconds(number % 30)) }
                if number % 13 == 0 { one.key = IdempotencyKey("key-\(number)", scope: .untilFinished) }
                jobs.append(one)
            }
            let stores: [any Store] = [store, memory]
            for each in stores {
                _ = try await each.enqueue(jobs)
                _ = try await each.set("other", .policy(QueuePolicy()))
            }
            for round in 0..<15 {
                if round == 6 {
                    var policy = QueuePolicy()
                    policy.perTenant = 1
                    for each in stores { _ = try await each.set("default", .policy(policy)) }
                }
                clock.advance(by: .seconds(2))
                let plan = ClaimPlan(
                    node: NodeID("n\(round % 3)"), kinds: round % 4 == 3 ? ["rare"] : round % 4 == 2 ? nil : ["work"], limit: 10 + round * 8,
                    ttl: .seconds(1000), sharesLiveness: round % 5 != 4)
                var picked: [[ClaimedJob]] = []
                for each in stores { picked.append(try await each.claim(plan).jobs) }
                #expect(picked[0].map(\.job.id) == picked[1].map(\.job.id), "round \(round)")
                for (each, jobs) in zip(stores, picked) {
                    let ended = jobs.enumerated().filter { $0.offset % 3 != 0 }.map(\.element.lease)
                    _ = try await each.settle(ended.map { Settlement($0, .succeeded(result: nil)) })
                }
            }
        }
    }
}
