import MartletCore
import StoreConformance
import Testing

@testable import RedisStore

@Suite("What a server promises, and what becomes of work when it fails", .timeLimit(.minutes(2)))
struct DurabilityTests {
    private func jobs(_ count: Int, bytes: Int = 2) -> [NewJob] {
        (0..<count).map { _ in
            NewJob(id: Environment.system.makeJobID(), kind: "work", payload: Payload(.string(String(repeating: "x", count: bytes))))
        }
    }

    private func plan(_ limit: Int) -> ClaimPlan { ClaimPlan(node: NodeID("node"), kinds: ["work"], limit: limit, ttl: .seconds(600)) }

    @Test("A crash of the server loses nothing that was answered, and epochs go on growing")
    func aCrashOfTheServerLosesNothing() async throws {
        try await OwnServer.with { server in
            let first = try await server.open()
            _ = try await first.enqueue(jobs(200))
            let held = try await first.claim(plan(50)).jobs
            _ = try await first.settle(held.prefix(20).map { Settlement($0.lease, .succeeded(result: nil)) })
            _ = try await first.settle(held.suffix(10).map { Settlement($0.lease, .failed(Failure(kind: "x", message: ""), retryAfter: .zero)) })
            _ = try await first.append((1...30).map { NewEvent(stream: "s", type: "e", data: Payload(.integer($0))) })
            let before = try await first.overview()
            server.kill()
            await first.close()
            try server.start()
            let second = try await server.open()
            let after = try await second.overview()
            #expect(after.queues == before.queues)
            #expect(after.kinds == before.kinds)
            #expect(after.nodes == before.nodes)
            #expect(try await second.read("s", after: 0, limit: 100).events.map(\.sequence) == Array(1...30))
            let again = try await second.claim(plan(1000)).jobs
            #expect(again.count == 160)
            let epochs = Dictionary(uniqueKeysWithValues: held.map { ($0.job.id, $0.job.epoch) })
            #expect(again.allSatisfy { $0.job.epoch > epochs[$0.job.id] ?? 0 })
            #expect(try await second.settle([Settlement(held[49].lease, .succeeded(result: nil))]) == [.alreadySettled(.running, nil)])
            await second.close()
        }
    }

    @Test("Full memory refuses new work whole, and lets the work in hand drain")
    func fullMemoryRefusesNewWork() async throws {
        try await OwnServer.with(["--maxmemory", "12mb", "--maxmemory-policy", "noeviction"]) { server in
            let store = try await server.open()
            var policy = QueuePolicy()
            policy.retention = .zero
            _ = try await store.set("default", .policy(policy))
            var accepted = 0
            let refusal = await #expect(throws: StoreError.self) {
                while accepted < 10_000 {
                    // What was accepted is known, and the refused call counts for nothing.
                    accepted += try await store.enqueue(jobs(5, bytes: 20_000)).count { $0.job != nil }
                }
            }
            guard case .unavailable(let reason, mayHaveHappened: false)? = refusal else {
                Issue.record("\(String(describing: refusal)) should be unavailable, with nothing written")
                return
            }
            #expect(reason.contains("maxmemory"))
            #expect(try await store.overview().queues.map(\.counts.total) == [accepted])
            _ = try await store.caller.send(RedisCommand("CONFIG", "SET", "maxmemory", "1mb"))
            await #expect(throws: StoreError.self) { _ = try await store.append([NewEvent(stream: "s", type: "e", data: .null)]) }
            var drained = 0
            while drained < accepted {
                let claimed = try await store.claim(plan(10)).jobs
                #expect(claimed.allSatisfy { $0.job.payload.utf8.count == 20_002 })
                _ = try await store.renew(Heartbeat(node: NodeID("node")))
                drained += try await store.settle(claimed.map { Settlement($0.lease, .succeeded(result: nil)) }).count
            }
            #expect(try await store.prune(limit: 10_000, eventRetention: .seconds(1)).jobs == accepted)
            _ = try await store.caller.send(RedisCommand("CONFIG", "SET", "maxmemory", "12mb"))
            #expect(try await store.enqueue(jobs(5)).allSatisfy { $0.job != nil })
            await store.close()
        }
    }

    @Test("A server that can lose work is warned of, or refused")
    func aServerThatCanLoseWorkIsWarnedOf() async throws {
        try await OwnServer.with(["--maxmemory-policy", "allkeys-lru"]) { server in
            let store = try await server.open()
            #expect(store.warnings.count == 2)
            await store.close()
            var strict = RedisStoreOptions()
            strict.requiresDurable = true
            let refusal = await #expect(throws: StoreError.self) { _ = try await server.open(strict) }
            #expect(refusal.map { "\($0)".contains("maxmemory-policy") } == true)
        }
        try await OwnServer.with { server in
            let store = try await server.open()
            #expect(store.warnings.isEmpty)
            await store.close()
        }
    }

    @Test("A library that is gone is loaded again")
    func aLibraryThatIsGoneIsLoadedAgain() async throws {
        try await OwnServer.with { server in
            let store = try await server.open()
            _ = try await store.caller.send(RedisCommand("FUNCTION", "FLUSH"))
            #expect(try await store.enqueue(jobs(1)).count == 1)
            await store.close()
        }
    }

    @Test("The report of a server says what it is")
    func theReportOfAServerSaysWhatItIs() throws {
        let good = ServerReport(info: "# Server\r\nredis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n")
        try good.checkVersion()
        #expect(good.warnings.isEmpty)
        let old = ServerReport(info: "redis_version:6.2.1\r\nmaxmemory_policy:noeviction\r\naof_enabled:0\r\n")
        #expect(throws: StoreError.self) { try old.checkVersion() }
        #expect(old.warnings.count == 1)
    }
}
