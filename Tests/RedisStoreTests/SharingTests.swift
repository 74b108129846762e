import MartletCore
import StoreConformance
import Synchronization
import Testing

@testable import RedisStore

@Suite("Several processes share one deployment", .timeLimit(.minutes(2)))
struct SharingTests {
    private final class Tally: Sendable {
        let started = Mutex<[JobID: Int]>([:])
        let most = Mutex(0)

        func start(_ jobs: [ClaimedJob]) {
            started.withLock { started in for job in jobs { started[job.job.id, default: 0] += 1 } }
        }

        var count: Int { started.withLock(\.count) }
    }

    private func job(_ tenant: Int) -> NewJob {
        var job = NewJob(id: Environment.system.makeJobID(), kind: "work", payload: .emptyObject)
        job.tenant = "t\(tenant)"
        return job
    }

    @Test("Each job is handed out once, and running is at most the limit, whichever store claims")
    func eachJobIsHandedOutOnce() async throws {
        try await TestPlaces.with { places in
            let url = places.makeURL()
            var stores: [RedisStore] = []
            for _ in 0..<4 { stores.append(try await places.open(at: url, RedisStoreOptions())) }
            var policy = QueuePolicy()
            (policy.concurrency, policy.perTenant) = (7, 3)
            _ = try await stores[0].set("default", .policy(policy))
            let (tally, total) = (Tally(), 400)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, store) in stores.enumerated() {
                    group.addTask {
                        for _ in 0..<total / 4 { _ = try await store.enqueue([job(number)]) }
                    }
                    group.addTask {
                        while tally.count < total {
                            let claimed = try await store.claim(ClaimPlan(node: NodeID("n\(number)"), kinds: nil, limit: 5)).jobs
                            tally.start(claimed)
                            let running = try await store.overview().queues.map(\.counts.running).max() ?? 0
                            tally.most.withLock { $0 = max($0, running) }
                            _ = try await store.settle(claimed.map { Settlement($0.lease, .succeeded(result: nil)) })
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(tally.started.withLock { $0.values.allSatisfy { $0 == 1 } })
            #expect(tally.most.withLock { $0 } <= 7)
            #expect(try await stores[1].overview().queues.map(\.counts.succeeded) == [total])
        }
    }

    @Test("A hint reaches the listeners of another process")
    func aHintReachesAnotherProcess() async throws {
        try await TestPlaces.with { places in
            let url = places.makeURL()
            let (mine, yours) = (try await places.open(at: url), try await places.open(at: url))
            let hints = yours.wakeups()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for await hint in hints where hint.work && hint.isUnspecific { return } }
                group.addTask {
                    // Until it has begun to listen, hints pass it by.
                    while !Task.isCancelled { _ = try await mine.enqueue([job(0)]) }
                }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    @Test("A call of many jobs is split, and each is answered in its place")
    func aCallOfManyJobsIsSplit() async throws {
        try await TestPlaces.with { places in
            let store = try await places.open()
            var jobs = (0..<10_000).map { job($0 % 3) }
            jobs[7].kind = ""
            jobs[5000] = jobs[20]
            jobs[9999].payload = Payload(.string(String(repeating: "y", count: 900_000)))
            let answers = try await store.enqueue(jobs)
            #expect(zip(jobs, answers).allSatisfy { job, answer in answer.job.map { $0.id == job.id } ?? job.kind.isEmpty })
            #expect(try await store.overview().queues.map(\.counts.ready) == [9998])
            #expect(try await store.job(jobs[9999].id)?.job.payload == jobs[9999].payload)
        }
    }

    @Test("Data of a newer Martlet is refused, at the start and while running")
    func dataOfANewerMartletIsRefused() async throws {
        try await TestPlaces.with { places in
            let url = places.makeURL()
            let store = try await places.open(at: url)
            _ = try await store.enqueue([job(0)])
            _ = try await store.caller.send(RedisCommand("HSET", "\(store.caller.deployment.tag):m", "schema", "2"))
            for call in [{ _ = try await store.enqueue([self.job(0)]) }, { _ = try await places.open(at: url) }] {
                let refusal = await #expect(throws: StoreError.self) { try await call() }
                guard case .corrupt(let reason)? = refusal else {
                    Issue.record("\(String(describing: refusal)) should say that the data is newer")
                    continue
                }
                #expect(reason.contains("newer Martlet"))
            }
        }
    }

    @Test("Everything that a deployment keeps is in one slot")
    func everythingIsInOneSlot() async throws {
        try await TestPlaces.with("MARTLET_TEST_REDIS_CLUSTER") { places in
            for check in Check.all where !check.isSlow && !check.invariants.isEmpty { try await places.factory.run(check) }
            try await DifferentialRunner(seed: 21, operations: 300, subject: places.factory).run()
        }
    }

    @Test("An address names its deployment")
    func anAddressNamesItsDeployment() throws {
        let (deployment, url) = try Deployment.split("redis://h:1/2?timeout=3&prefix=blue&name=x")
        #expect(deployment.tag == "{blue}")
        #expect(url == "redis://h:1/2?timeout=3&name=x")
        #expect(try Deployment.split("redis://h").deployment.tag == "{martlet}")
        #expect(throws: StoreError.self) { _ = try Deployment.split("redis://h?prefix=a{b}") }
    }
}
