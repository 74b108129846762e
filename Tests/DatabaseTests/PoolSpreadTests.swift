import MartletCore
import Testing

@testable import Database

@Suite("What a pool does not do all at once")
struct PoolSpreadTests {
    private static func limits(size: Int) -> PoolLimits {
        PoolLimits(size: size, wait: .seconds(5), checkInterval: .seconds(30), idleMax: .seconds(600))
    }

    @Test("S3-2: connections that were opened together are asked one after the other, each within 30 s, and go on so")
    func checks() {
        #expect(PostgresSettings().checkInterval == .seconds(30))
        var pool = PoolState(Self.limits(size: 3))
        for waiter in 1...3 { _ = pool.acquire(waiter, until: nil, now: .zero) }
        for connection in 1...3 {
            _ = pool.opened(connection, lifetime: .seconds(1800), checkedEarlier: .seconds(2 * (connection - 1)), now: .zero)
        }
        for connection in 1...3 { _ = pool.release(connection, isUsable: true, now: .zero) }
        var asked: [Int: [Int]] = [:]
        for second in 1...90 {
            for action in pool.tick(now: .seconds(second)) {
                guard case .check(let connection) = action else { continue }
                asked[connection, default: []].append(second)
                _ = pool.checked(connection, isAlive: true, now: .seconds(second))
            }
        }
        #expect(asked == [1: [30, 60, 90], 2: [28, 56, 84], 3: [26, 52, 78]])
    }

    @Test("S2-55: callers beyond the bound are refused at once, and told what to do")
    func waiters() {
        var limits = Self.limits(size: 1)
        limits.waitersMax = 2
        var pool = PoolState(limits)
        #expect(pool.acquire(1, until: nil, now: .zero) == [.open(connection: 1)])
        _ = pool.opened(1, lifetime: .seconds(1800), now: .zero)
        for waiter in 2...3 { #expect(pool.acquire(waiter, until: nil, now: .zero) == []) }
        guard case .refuse(4, let failure)? = pool.acquire(4, until: nil, now: .zero).first else {
            Issue.record("a third caller waits")
            return
        }
        #expect(failure.kind == .unavailable && failure.mayHaveHappened == false)
        #expect(failure.reason.contains("2 callers wait") && failure.reason.contains("pool_size"))
        #expect(pool.metrics.waiters == 2)
        #expect(pool.release(1, isUsable: true, now: .seconds(1)) == [.lease(connection: 1, to: 2)])
        #expect(pool.acquire(5, until: nil, now: .seconds(1)) == [])
    }
}
