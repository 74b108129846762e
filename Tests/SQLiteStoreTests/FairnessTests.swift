import MartletCore
import SQLiteStore
import StoreConformance
import Testing

@Suite("Whose turn it is among many tenants")
struct FairnessTests {
    @Test("Claims are dealt as in memory, though only the first of the index are looked at", arguments: 1...8)
    func manyTenants(seed: UInt64) async throws {
        let file = try StoreFile()
        let store = try await file.open(seed: seed)
        let memory = MemoryStore(environment: Environment(clock: file.clock, random: SeededRandom(seed: seed)))
        let random = SeededRandom(seed: seed)
        func roll(_ sides: Int) -> Int { Int(random.next() % UInt64(sides)) }
        var number = 0
        for _ in 0..<60 {
            let jobs = (0..<roll(60)).map { _ in
                number += 1
                return NewJob.made(number, kind: ["a", "b", "c"][roll(3)]) { job in
                    // Few tenants have many jobs, many have few.
                    job.tenant = "t\(roll(1 + roll(80)))"
                    job.priority = Priority.all[roll(4)]
                    job.due = .after(.seconds([0, 0, 1, 30, 70][roll(5)]))
                }
            }
            #expect(try await store.enqueue(jobs) == memory.enqueue(jobs))
            if roll(5) == 0 {
                var policy = QueuePolicy()
                if roll(2) == 0 { policy.perTenant = 1 + roll(4) }
                if roll(3) == 0 { policy.concurrency = 40 }
                _ = try await (store.set("default", .policy(policy)), memory.set("default", .policy(policy)))
            }
            let plan = ClaimPlan(
                node: NodeID("n\(roll(2))"), kinds: [nil, ["a"], ["a", "c"]][roll(3)], limit: [1, 3, 10, 50][roll(4)], ttl: .seconds(40))
            let (given, wanted) = (try await store.claim(plan).jobs, try await memory.claim(plan).jobs)
            try #require(given.map(\.job) == wanted.map(\.job))
            let done = wanted.filter { _ in roll(3) > 0 }.map { Settlement($0.lease, .succeeded(result: nil)) }
            #expect(try await store.settle(done) == memory.settle(done))
            // Now and then long enough for a node to die, so that there are suspects.
            file.clock.advance(by: .seconds([1, 5, 45][roll(3)]))
        }
        await store.close()
        try await Recount(path: file.path).check()
    }
}
