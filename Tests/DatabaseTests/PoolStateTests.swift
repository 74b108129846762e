import MartletCore
import Testing

@testable import Database

@Suite("The rules of a pool")
struct PoolStateTests {
    private static let limits = PoolLimits(size: 2, wait: .seconds(5), checkInterval: .seconds(30), idleMax: .seconds(600))

    private static func seconds(_ number: Int) -> Duration { .seconds(number) }

    /// A pool with one connection that idles since the start.
    private func makePool() -> PoolState {
        var pool = PoolState(Self.limits)
        #expect(pool.acquire(1, until: nil, now: .zero) == [.open(connection: 1)])
        #expect(pool.opened(1, lifetime: .seconds(1800), now: .zero) == [.lease(connection: 1, to: 1)])
        #expect(pool.release(1, isUsable: true, now: .zero) == [])
        return pool
    }

    private static func refusal(of waiter: Int, _ actions: [PoolAction]) throws -> DatabaseFailure {
        guard case .refuse(waiter, let failure)? = actions.first else { throw DatabaseFailure(.corrupt, reason: "waiter \(waiter) was not refused") }
        return failure
    }

    @Test("Waiters are served in their order, by connections that come back and by as many new ones as are wanted")
    func order() {
        var pool = makePool()
        #expect(pool.acquire(2, until: nil, now: .zero) == [.lease(connection: 1, to: 2)])
        #expect(pool.acquire(3, until: nil, now: .zero) == [.open(connection: 2)])
        #expect(pool.acquire(4, until: nil, now: .zero) == [])
        #expect(pool.acquire(5, until: nil, now: .zero) == [])
        #expect(pool.release(1, isUsable: true, now: Self.seconds(1)) == [.lease(connection: 1, to: 3)])
        #expect(pool.opened(2, lifetime: .seconds(1800), now: Self.seconds(1)) == [.lease(connection: 2, to: 4)])
        pool.abandon(5)
        #expect(pool.release(1, isUsable: true, now: Self.seconds(1)) == [])
        #expect(pool.metrics.inUse == 1)
        #expect(pool.metrics.idle == 1)
        #expect(pool.metrics.waitMax == .seconds(1))
    }

    @Test("A wait ends after its time, or at the caller's own deadline")
    func waiting() throws {
        var pool = makePool()
        for waiter in 2...3 { _ = pool.acquire(waiter, until: nil, now: .zero) }
        _ = pool.opened(2, lifetime: .seconds(1800), now: .zero)
        _ = pool.acquire(4, until: nil, now: .zero)
        _ = pool.acquire(5, until: Self.seconds(2), now: .zero)
        #expect(pool.nextTick == Self.seconds(2))
        let failure = try Self.refusal(of: 5, pool.tick(now: Self.seconds(2)))
        #expect(
            failure.reason
                == "all 2 connections to PostgreSQL are in use, and 2 callers wait, this one for 2.0 s: make transactions shorter, or raise pool_size"
        )
        #expect(pool.tick(now: Self.seconds(4)) == [])
        #expect(pool.tick(now: Self.seconds(5)).count == 1)
        #expect(pool.metrics.timeouts == 2)
    }

    @Test("S3-2: A connection that has idled is asked before it is used, and every 30 s; one that is old, or long unused, is closed")
    func ageing() {
        var pool = makePool()
        #expect(pool.nextTick == Self.seconds(30))
        #expect(pool.acquire(2, until: nil, now: Self.seconds(31)) == [.check(connection: 1)])
        #expect(pool.checked(1, isAlive: true, now: Self.seconds(31)) == [.lease(connection: 1, to: 2)])
        #expect(pool.release(1, isUsable: true, now: Self.seconds(31)) == [])
        #expect(pool.tick(now: Self.seconds(61)) == [.check(connection: 1)])
        #expect(pool.checked(1, isAlive: true, now: Self.seconds(61)) == [])
        var unused = pool
        #expect(unused.tick(now: Self.seconds(631)) == [.close(connection: 1)])
        #expect(pool.acquire(3, until: nil, now: Self.seconds(1800)) == [.close(connection: 1), .open(connection: 2)])
    }

    @Test("When one connection turns out dead the others are asked at once, and none is handed out before it has answered")
    func restart() {
        var pool = makePool()
        for waiter in 2...3 { _ = pool.acquire(waiter, until: nil, now: Self.seconds(1)) }
        _ = pool.opened(2, lifetime: .seconds(1800), now: Self.seconds(1))
        #expect(pool.release(2, isUsable: true, now: Self.seconds(1)) == [])
        #expect(pool.release(1, isUsable: false, now: Self.seconds(1)) == [.close(connection: 1)])
        #expect(pool.acquire(4, until: nil, now: Self.seconds(1)) == [.check(connection: 2)])
        #expect(pool.checked(2, isAlive: false, now: Self.seconds(1)) == [.close(connection: 2), .open(connection: 3)])
        #expect(pool.opened(3, lifetime: .seconds(1800), now: Self.seconds(1)) == [.lease(connection: 3, to: 4)])
    }

    @Test("A connection that ends is not closed under whoever has it in hand")
    func ending() {
        var pool = makePool()
        #expect(pool.acquire(2, until: nil, now: .zero) == [.lease(connection: 1, to: 2)])
        #expect(pool.ended(1, now: .zero) == [])
        #expect(pool.release(1, isUsable: false, now: .zero) == [.close(connection: 1)])
        #expect(pool.acquire(3, until: nil, now: .zero) == [.open(connection: 2)])
        _ = pool.opened(2, lifetime: .seconds(1800), now: .zero)
        _ = pool.release(2, isUsable: true, now: .zero)
        #expect(pool.ended(2, now: .zero) == [.close(connection: 2)])
    }

    @Test("While the server is away one attempt at a time is made, after each pause; whoever comes late is told at once")
    func away() throws {
        let refusal = DatabaseFailure(.unavailable, reason: "refused")
        var pool = makePool()
        #expect(pool.acquire(2, until: nil, now: .zero) == [.lease(connection: 1, to: 2)])
        #expect(pool.release(1, isUsable: false, now: .zero) == [.close(connection: 1)])
        #expect(pool.acquire(3, until: nil, now: .zero) == [.open(connection: 2)])
        #expect(pool.acquire(4, until: nil, now: .zero) == [.open(connection: 3)])
        #expect(pool.failedToOpen(2, refusal, delay: .seconds(1), now: .zero) == [.close(connection: 2)])
        #expect(pool.failedToOpen(3, refusal, delay: .seconds(1), now: .zero) == [.close(connection: 3)])
        #expect(pool.nextTick == Self.seconds(1))
        #expect(pool.tick(now: Self.seconds(1)) == [.open(connection: 4)])
        #expect(pool.failedToOpen(4, refusal, delay: .seconds(5), now: Self.seconds(1)) == [.close(connection: 4)])
        #expect(pool.tick(now: Self.seconds(5)).count == 2)
        let failure = try Self.refusal(of: 5, pool.acquire(5, until: nil, now: Self.seconds(6)))
        #expect(failure.reason == "refused (for 6.0 s)")
        // Nobody waits, and it is looked for all the same.
        #expect(pool.nextTick == Self.seconds(6))
        #expect(pool.tick(now: Self.seconds(6)) == [.open(connection: 5)])
        #expect(pool.opened(5, lifetime: .seconds(1800), now: Self.seconds(6)) == [])
        #expect(pool.acquire(6, until: nil, now: Self.seconds(6)) == [.lease(connection: 5, to: 6)])
    }

    @Test("The end refuses who waits, closes what idles, and interrupts what goes on past its grace")
    func closing() {
        var pool = makePool()
        _ = pool.acquire(2, until: nil, now: .zero)
        _ = pool.acquire(3, until: nil, now: .zero)
        #expect(pool.close(grace: .seconds(1), now: .zero) == [.refuse(waiter: 3, .closed)])
        #expect(pool.acquire(4, until: nil, now: .zero) == [.refuse(waiter: 4, .closed)])
        #expect(pool.tick(now: Self.seconds(1)) == [.interrupt(connection: 1)])
        #expect(pool.release(1, isUsable: true, now: Self.seconds(1)) == [.close(connection: 1)])
        #expect(!pool.isEmpty)
        #expect(pool.opened(2, lifetime: .seconds(1800), now: Self.seconds(1)) == [.close(connection: 2)])
        #expect(pool.isEmpty)
    }
}
