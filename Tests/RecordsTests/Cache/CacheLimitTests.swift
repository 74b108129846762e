import Database
import Martlet
import MartletCore
import MartletTesting
import Synchronization
import Testing

@testable import Records

@Suite(.timeLimit(.minutes(2)))
struct CacheLimitTests {
    private let policy = CachePolicy(ttl: .seconds(60))

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("A computation over its time is cancelled, and its callers are told")
    func timeout() async throws {
        try await CacheBench.with(sharing: false) { bench async throws in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CacheError.timeout(cache: "test", limit: .seconds(300))) {
                        try await bench.cache.bytes(for: "a", self.policy) {
                            try await bench.clock.sleep(for: .seconds(100_000))
                            return nil
                        }
                    }
                }
                // The two loops of the cache, the computation and its limit.
                await #expect(throws: Never.self) { try await bench.clock.waitForSleepers(4) }
                bench.clock.advance(by: .seconds(301))
            }
        }
    }

    @Test("A caller that is cancelled is told at once, and the computation goes on for the others")
    func cancellation() async throws {
        try await CacheBench.with { bench async throws in
            let (begun, gate) = (Signal(), Signal())
            async let patient = bench.cache.bytes(for: "a", self.policy) {
                begun.give()
                await gate.wait()
                return self.bytes("value")
            }
            await begun.wait()
            let error = await withTaskGroup(of: (any Error)?.self) { group in
                group.addTask {
                    do {
                        _ = try await bench.cache.bytes(for: "a", self.policy) { nil }
                        return nil
                    } catch {
                        return error
                    }
                }
                while bench.cache.statistics.joined < 1 { await Task.yield() }
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(error is CancellationError)
            gate.give()
            #expect(try await patient == self.bytes("value"))
        }
    }

    @Test("More computations and callers than the limits allow are refused, and the rest are served")
    func overload() async throws {
        var limits = CacheLimits()
        (limits.flights, limits.waiters) = (2, 3)
        try await CacheBench.with(sharing: false, limits: limits) { bench async throws in
            let gate = Signal()
            func ask(_ key: String) async throws -> [UInt8]? {
                try await bench.cache.bytes(for: key, self.policy) {
                    await gate.wait()
                    return self.bytes(key)
                }
            }
            try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
                for key in ["a", "b"] { group.addTask { try await ask(key) } }
                while bench.cache.state.withLock({ $0.waiting }) < 2 { await Task.yield() }
                await #expect(throws: CacheError.overloaded(cache: "test")) { try await ask("c") }
                group.addTask { try await ask("a") }
                while bench.cache.state.withLock({ $0.waiting }) < 3 { await Task.yield() }
                await #expect(throws: CacheError.overloaded(cache: "test")) { try await ask("b") }
                gate.give()
                for try await value in group { #expect(value != nil) }
            }
            #expect(try await ask("c") == self.bytes("c"))
        }
    }

    @Test("Who waits when the cache stops is told, and so is who comes later")
    func stopping() async throws {
        try await TestDatabase.with { test async throws in
            let cache = Cache("test", in: test.database, leases: nil, environment: .system)
            let begun = Signal()
            let error = await withTaskGroup(of: (any Error)?.self) { group in
                group.addTask {
                    do {
                        _ = try await cache.bytes(for: "a", self.policy) {
                            begun.give()
                            try await Environment.system.clock.sleep(for: .seconds(1000))
                            return nil
                        }
                        return nil
                    } catch {
                        return error
                    }
                }
                await withTaskGroup(of: Void.self) { running in
                    running.addTask { await cache.run() }
                    await begun.wait()
                    running.cancelAll()
                }
                return await group.next() ?? nil
            }
            #expect(error as? CacheError == .stopped(cache: "test"))
            await #expect(throws: CacheError.stopped(cache: "test")) { try await cache.bytes(for: "a", self.policy) { nil } }
        }
    }

    @Test("A value is renewed before its time in the background, by one process, and its readers are served meanwhile")
    func renewal() async throws {
        try await CacheBench.with(caches: 2) { bench async throws in
            let (begun, gate, renewing, renewed, computations) = (Signal(), Signal(), Signal(), Signal(), Tally())
            async let first = bench.cache.bytes(for: "a", self.policy) {
                computations.add()
                begun.give()
                await gate.wait()
                return self.bytes("old")
            }
            await begun.wait()
            bench.clock.advance(by: .seconds(1))
            gate.give()
            #expect(try await first == self.bytes("old"))
            func ask(_ cache: Cache, _ text: String) async throws -> [UInt8]? {
                try await cache.bytes(for: "a", self.policy) {
                    computations.add()
                    renewing.give()
                    await renewed.wait()
                    return self.bytes(text)
                }
            }
            #expect(try await ask(bench.caches[1], "none") == self.bytes("old"))
            // Near the end of its time: at a cost of a second and three milliseconds left, all but every three hundredth die renews.
            bench.clock.advance(by: .milliseconds(59_997))
            while !renewing.isGiven { #expect(try await ask(bench.cache, "new") == self.bytes("old")) }
            #expect(computations.count == 2)
            // To renew, nobody waits for a lease that another process holds.
            for _ in 0..<50 { #expect(try await ask(bench.caches[1], "none") == self.bytes("old")) }
            #expect(bench.caches[1].statistics.earlyRefreshes == 0)
            renewed.give()
            while bench.cache.state.withLock({ !$0.flights.isEmpty }) { await Task.yield() }
            #expect(try await ask(bench.cache, "none") == self.bytes("new"))
            #expect(bench.cache.statistics.earlyRefreshes == 1)
            bench.clock.advance(by: .seconds(2))
            #expect(try await ask(bench.caches[1], "none") == self.bytes("new"))
            #expect(computations.count == 2)
        }
    }

    @Test("S2-50: Who computes waits for the lease up to a deadline, who renews does not wait at all")
    func waiting() async throws {
        let keeper = WatchedLeases()
        try await CacheBench.with(through: { _ in keeper }) { bench async throws in
            let (begun, gate) = (Signal(), Signal())
            async let first = bench.cache.bytes(for: "a", self.policy) {
                begun.give()
                await gate.wait()
                return nil
            }
            await begun.wait()
            bench.clock.advance(by: .seconds(1))
            gate.give()
            #expect(try await first == nil)
            bench.clock.advance(by: .milliseconds(5_997))
            while keeper.waits.count < 2 { _ = try await bench.cache.bytes(for: "a", self.policy) { nil } }
        }
        #expect(keeper.waits == [.seconds(660), .zero])
    }

    @Test("Without a lease a failed database fails the callers of shared values, and of a process's own it does not")
    func deafness() async throws {
        for sharing in [true, false] {
            try await CacheBench.with(sharing: sharing) { bench async throws in
                let computations = Tally()
                func ask() async throws -> [UInt8]? {
                    try await bench.cache.bytes(for: "a", self.policy) { self.bytes("\(computations.add())") }
                }
                #expect(try await ask() == self.bytes("1"))
                try await bench.database.write { try $0.run("ALTER TABLE records_counters RENAME TO away") }
                #expect(try await ask() == self.bytes("1"))
                bench.clock.advance(by: .milliseconds(1001))
                // What may have been invalidated meanwhile is not served from memory.
                if sharing {
                    await #expect(throws: DatabaseFailure.self) { try await ask() }
                } else {
                    #expect(try await ask() == self.bytes("2"))
                    #expect(try await ask() == self.bytes("3"))
                }
            }
        }
    }

    @Test("A value too large to be kept is handed out all the same; a bad key is refused")
    func sizes() async throws {
        var limits = CacheLimits()
        limits.valueBytes = 1000
        try await CacheBench.with(limits: limits) { bench async throws in
            let large = [UInt8](repeating: 1, count: 1001)
            #expect(try await bench.cache.bytes(for: "a", self.policy) { large } == large)
            #expect(bench.cache.statistics.entries == 0)
            #expect(try await bench.cache.bytes(for: "a", self.policy) { nil } == nil)
            for key in ["", String(repeating: "x", count: 513)] {
                await #expect(throws: CacheError.self) { try await bench.cache.bytes(for: key, self.policy) { nil } }
                await #expect(throws: CacheError.self) { try await bench.cache.invalidate(key) }
            }
            let number = try await bench.cache.value(for: "n", as: Int.self, self.policy) { 7 }
            #expect(number == 7)
            await #expect(throws: CacheError.unreadable(cache: "test", type: "String")) {
                try await bench.cache.value(for: "n", as: String.self, self.policy) { "none" }
            }
        }
    }

    @Test("Rows that nobody needs any more are removed, and an invalidation that every process has read", arguments: TestDatabase.Engine.allCases)
    func sweeping(engine: TestDatabase.Engine) async throws {
        try await TestDatabase.with(engine) { test async throws in
            let clock = VirtualClock()
            let environment = Environment(clock: clock, random: SeededRandom(seed: 1))
            let shared = SharedValues(cache: "c", database: test.database, environment: environment)
            let invalidations = Invalidations(cache: "c", database: test.database, environment: environment)
            for key in ["a", "b"] { _ = try await shared.begin(key, epoch: 1, unlessGoodFor: .zero) }
            try await invalidations.append(KeyRange(key: "b"))
            #expect(try await shared.sweep(limit: 10) == 0)
            try await invalidations.sweep()
            #expect(try await invalidations.read(after: 0).ranges == [KeyRange(key: "b")])
            clock.advance(by: .seconds(86_400 + 1))
            #expect(try await shared.sweep(limit: 1) == 1)
            #expect(try await shared.sweep(limit: 10) == 1)
            try await invalidations.sweep()
            #expect(try await invalidations.read(after: 0).isBroken)
            #expect(try await invalidations.read(after: 1).isBroken == false)
        }
    }
}

/// Grants everything, and notes how long its callers would have waited.
private final class WatchedLeases: LeaseKeeper {
    private let state = Mutex<[Duration?]>([])

    var waits: [Duration?] { state.withLock { $0 } }

    func withLease<Value: Sendable>(
        _ name: String, for ttl: Duration, waiting limit: Duration?, _ body: @escaping @Sendable (HeldLease) async throws -> Value
    ) async throws -> Value {
        let epoch = state.withLock { waits in
            waits.append(limit)
            return waits.count
        }
        return try await body(HeldLease(name: name, epoch: epoch, owner: "test"))
    }
}
