import Database
import Martlet
import MartletCore
import MartletTesting
import Synchronization
import Testing

@testable import Records

@Suite(.timeLimit(.minutes(2)))
struct CacheTests {
    private struct Broken: Error, Equatable {}

    private let policy = CachePolicy(ttl: .seconds(60))

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("S2-25: A thousand callers of a cold key share one computation", arguments: TestDatabase.Engine.allCases)
    func singleFlight(engine: TestDatabase.Engine) async throws {
        try await CacheBench.with(engine) { bench async throws in
            let (computations, gate) = (Tally(), Signal())
            try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
                for _ in 0..<1000 {
                    group.addTask {
                        try await bench.cache.bytes(for: "cold", self.policy) {
                            computations.add()
                            await gate.wait()
                            return self.bytes("value")
                        }
                    }
                }
                while bench.cache.statistics.misses < 1000 { await Task.yield() }
                gate.give()
                for try await value in group { #expect(value == self.bytes("value")) }
            }
            #expect(computations.count == 1)
            let report = bench.cache.statistics
            #expect(report.computations == 1 && report.misses == 1000 && report.joined == 999)
            #expect(report.entries == 1 && report.bytes > 5)
            #expect(try await bench.cache.bytes(for: "cold", self.policy) { nil } == self.bytes("value"))
            #expect(bench.cache.statistics.hits == 1)
        }
    }

    @Test("H2-4: In another process too, those who lose the lease wait and share the winner's value", arguments: TestDatabase.Engine.allCases)
    func losersShare(engine: TestDatabase.Engine) async throws {
        try await CacheBench.with(engine, caches: 5, isReal: true) { bench async throws in
            let (computations, begun, gate) = (Tally(), Signal(), Signal())
            try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await bench.caches[number % 5].bytes(for: "cold", self.policy) {
                            computations.add()
                            begun.give()
                            await gate.wait()
                            return self.bytes("value")
                        }
                    }
                }
                await begun.wait()
                while bench.caches.reduce(0, { $0 + $1.statistics.misses }) < 100 { await Task.yield() }
                gate.give()
                for try await value in group { #expect(value == self.bytes("value")) }
            }
            #expect(computations.count == 1)
            #expect(bench.caches.reduce(0) { $0 + $1.statistics.shared } == 4)
        }
    }

    @Test("S2-28: Each use says how long its value is good for; that there is nothing is kept for its own time")
    func times() async throws {
        try await CacheBench.with { bench async throws in
            let computations = Tally()
            let short = CachePolicy(ttl: .seconds(10), negativeTTL: .seconds(2))
            var steady = short
            steady.eagerness = 0
            let policy = steady
            func ask(_ key: String) async throws -> [UInt8]? {
                try await bench.cache.bytes(for: key, policy) {
                    computations.add()
                    return key == "none" ? nil : self.bytes(key)
                }
            }
            #expect(try await ask("a") == self.bytes("a"))
            #expect(try await ask("none") == nil)
            #expect(computations.count == 2)
            bench.clock.advance(by: .milliseconds(1900))
            #expect(try await ask("a") == self.bytes("a"))
            #expect(try await ask("none") == nil)
            #expect(computations.count == 2)
            bench.clock.advance(by: .milliseconds(200))
            #expect(try await ask("none") == nil)
            #expect(computations.count == 3)
            bench.clock.advance(by: .seconds(8))
            #expect(try await ask("a") == self.bytes("a"))
            #expect(computations.count == 4)
        }
    }

    @Test("A computation that throws is shared by those who wait, and not kept")
    func failures() async throws {
        try await CacheBench.with { bench async throws in
            let (computations, gate) = (Tally(), Signal())
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        do {
                            _ = try await bench.cache.bytes(for: "a", self.policy) {
                                computations.add()
                                await gate.wait()
                                throw Broken()
                            }
                            return false
                        } catch {
                            return error is Broken
                        }
                    }
                }
                while bench.cache.statistics.misses < 50 { await Task.yield() }
                gate.give()
                for await isBroken in group { #expect(isBroken) }
            }
            #expect(computations.count == 1)
            #expect(try await bench.cache.bytes(for: "a", self.policy) { self.bytes("mended") } == self.bytes("mended"))
            #expect(bench.cache.statistics.failures == 1)
        }
    }

    @Test("A value past its time is served behind a failure as long as the policy says, and the computation is not tried at every call")
    func staleWhileError() async throws {
        try await CacheBench.with(caches: 2) { bench async throws in
            var forgiving = CachePolicy(ttl: .seconds(10))
            forgiving.eagerness = 0
            forgiving.staleFor = .seconds(100)
            forgiving.errorPause = .seconds(5)
            let policy = forgiving
            let attempts = Tally()
            func ask(_ cache: Cache) async throws -> [UInt8]? {
                try await cache.bytes(for: "a", policy) {
                    attempts.add()
                    throw Broken()
                }
            }
            #expect(try await bench.cache.bytes(for: "a", policy) { self.bytes("old") } == self.bytes("old"))
            bench.clock.advance(by: .seconds(20))
            for _ in 0..<10 { #expect(try await ask(bench.cache) == self.bytes("old")) }
            #expect(attempts.count == 1)
            #expect(bench.cache.statistics.stale == 10)
            // Another process, which has nothing in memory, has the row.
            #expect(try await ask(bench.caches[1]) == self.bytes("old"))
            #expect(attempts.count == 2)
            bench.clock.advance(by: .seconds(6))
            #expect(try await ask(bench.cache) == self.bytes("old"))
            #expect(attempts.count == 3)
            bench.clock.advance(by: .seconds(90))
            await #expect(throws: Broken.self) { try await ask(bench.cache) }
            await #expect(throws: Broken.self) { try await ask(bench.caches[1]) }
        }
    }

    @Test("S4-14: What is invalidated is not served again, in no process, and not behind a failure either", arguments: TestDatabase.Engine.allCases)
    func invalidation(engine: TestDatabase.Engine) async throws {
        try await CacheBench.with(engine, caches: 3) { bench async throws in
            var forgiving = self.policy
            forgiving.staleFor = .seconds(1000)
            let policy = forgiving
            func ask(_ cache: Cache, _ key: String, _ text: String) async throws -> [UInt8]? {
                try await cache.bytes(for: key, policy) { self.bytes(text) }
            }
            for cache in bench.caches {
                for key in ["a/1", "a/2", "b"] { #expect(try await ask(cache, key, "old") == self.bytes("old")) }
            }
            try await bench.caches[0].invalidate("b")
            #expect(try await ask(bench.caches[0], "b", "new") == self.bytes("new"))
            // The others ask for what they have missed before they serve anything a second old.
            bench.clock.advance(by: .milliseconds(1001))
            #expect(try await ask(bench.caches[1], "b", "none") == self.bytes("new"))
            #expect(try await ask(bench.caches[1], "a/1", "none") == self.bytes("old"))
            try await bench.caches[1].invalidate(prefix: "a/")
            await #expect(throws: Broken.self) { try await bench.caches[1].bytes(for: "a/1", policy) { throw Broken() } }
            bench.clock.advance(by: .milliseconds(1001))
            await #expect(throws: Broken.self) { try await bench.caches[2].bytes(for: "a/2", policy) { throw Broken() } }
            #expect(try await ask(bench.caches[2], "a/1", "newer") == self.bytes("newer"))
            #expect(try await ask(bench.caches[2], "b", "none") == self.bytes("new"))
        }
    }

    @Test("Invalidations that nobody kept for a late reader make it forget everything", arguments: TestDatabase.Engine.allCases)
    func missedInvalidations(engine: TestDatabase.Engine) async throws {
        try await CacheBench.with(engine, caches: 2, sharing: false) { bench async throws in
            for cache in bench.caches { _ = try await cache.bytes(for: "a", self.policy) { self.bytes("old") } }
            for _ in 0..<3 { try await bench.caches[0].invalidate("other") }
            // Before time passes: else the cache's own look may come before it is gone.
            try await bench.database.write { try $0.run("DELETE FROM records_invalidations WHERE seq = \(2)") }
            bench.clock.advance(by: .seconds(2))
            #expect(try await bench.caches[1].bytes(for: "a", self.policy) { self.bytes("new") } == self.bytes("new"))
        }
    }

    @Test("A computation that began before an invalidation is for those who waited before, and is not kept")
    func overtaken() async throws {
        try await CacheBench.with(caches: 2) { bench async throws in
            let (begun, gate) = (Signal(), Signal())
            async let early = bench.cache.bytes(for: "a", self.policy) {
                begun.give()
                await gate.wait()
                return self.bytes("old")
            }
            await begun.wait()
            try await bench.caches[1].invalidate("a")
            gate.give()
            #expect(try await early == self.bytes("old"))
            #expect(bench.cache.statistics.refused == 1)
            #expect(try await bench.cache.bytes(for: "a", self.policy) { self.bytes("new") } == self.bytes("new"))
            #expect(try await bench.caches[1].bytes(for: "a", self.policy) { self.bytes("none") } == self.bytes("new"))
        }
    }

    @Test(
        "S2-49: A write is refused once a computation with a later epoch has begun, or the key was invalidated",
        arguments: TestDatabase.Engine.allCases)
    func fence(engine: TestDatabase.Engine) async throws {
        try await CacheBench.with(engine) { bench async throws in
            let shared = SharedValues(cache: "c", database: bench.database, environment: bench.environment)
            func begin(_ epoch: Int) async throws -> Int? {
                guard case .begun(let generation) = try await shared.begin("k", epoch: epoch, unlessGoodFor: .zero) else { return nil }
                return generation
            }
            func fill(_ text: String, _ epoch: Int, _ generation: Int) async throws -> Bool {
                let landing = Landing(value: self.bytes(text), cost: .zero, freshFor: .seconds(10), isKept: true)
                return try await shared.fill("k", landing, staleFor: .zero, epoch: epoch, generation: generation)
            }
            let first = try #require(try await begin(4))
            let second = try #require(try await begin(7))
            #expect(try await fill("late", 4, first) == false)
            #expect(try await begin(5) == nil)
            #expect(try await fill("good", 7, second))
            #expect(try await fill("late", 4, first) == false)
            #expect(try await shared.read("k")?.value == self.bytes("good"))
            // Somebody has computed it: nobody begins.
            #expect(try await begin(8) == nil)
            let range = KeyRange(key: "k")
            try await bench.database.write { try Invalidations.append(range, to: "c", at: bench.clock.now(), $0) }
            #expect(try await shared.read("k") == nil)
            #expect(try await fill("late", 7, second) == false)
            let third = try #require(try await begin(9))
            #expect(third == second + 1)
            #expect(try await fill("new", 9, third))
        }
    }

    /// Grants to everybody at once: what a lock does whose clock has jumped, or whose store has lost a write.
    private final class BrokenLeases: LeaseKeeper {
        private let epochs = Mutex(0)

        func withLease<Value: Sendable>(
            _ name: String, for ttl: Duration, waiting limit: Duration?, _ body: @escaping @Sendable (HeldLease) async throws -> Value
        ) async throws -> Value {
            let epoch = epochs.withLock { epochs in
                epochs += 1
                return epochs
            }
            return try await body(HeldLease(name: name, epoch: epoch, owner: "\(epoch)"))
        }
    }

    @Test(
        "S2-51: Where the lock fails and two hold it at once, the database decides: the later one's value stays",
        arguments: TestDatabase.Engine.allCases)
    func brokenLock(engine: TestDatabase.Engine) async throws {
        let keeper = BrokenLeases()
        try await CacheBench.with(engine, caches: 2, through: { _ in keeper }) { bench async throws in
            let (firstBegun, secondDone) = (Signal(), Signal())
            async let first = bench.caches[0].bytes(for: "a", self.policy) {
                firstBegun.give()
                await secondDone.wait()
                return self.bytes("first")
            }
            await firstBegun.wait()
            #expect(try await bench.caches[1].bytes(for: "a", self.policy) { self.bytes("second") } == self.bytes("second"))
            secondDone.give()
            // Its own came too late, so its callers get what stands.
            #expect(try await first == self.bytes("second"))
            #expect(bench.caches[0].statistics.refused == 1)
            #expect(try await bench.caches[0].bytes(for: "a", self.policy) { nil } == self.bytes("second"))
        }
    }

    @Test("S0-12: Ten thousand computations, half of them failing, some of their callers cancelled, leave nothing behind")
    func cleanup() async throws {
        var limits = CacheLimits()
        limits.entries = 50
        try await CacheBench.with(sharing: false, limits: limits) { bench async throws in
            for round in 0..<100 {
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            do {
                                _ = try await bench.cache.bytes(for: "\(round)/\(number)", self.policy) {
                                    if number % 2 == 0 { throw Broken() }
                                    return self.bytes("value")
                                }
                            } catch {
                                #expect(error is Broken || error is CancellationError)
                            }
                        }
                    }
                    if round % 10 == 0 { group.cancelAll() }
                }
            }
            while bench.cache.state.withLock({ !$0.flights.isEmpty }) { await Task.yield() }
            let report = bench.cache.statistics
            #expect(report.entries == 50 && report.evictions > 0)
            #expect(bench.cache.state.withLock { $0.waiting } == 0)
        }
    }
}
