import Foundation
import MartletCore
import Testing

@testable import Records

@Suite struct EarlyRefreshTests {
    /// P(refresh) = P(−cost·β·ln u ≥ left) = exp(−left / (cost·β)): section 4 of the paper.
    @Test("The chance of an early refresh is exponential in the time that is left", arguments: [0.25, 0.5, 1.0, 2.0, 4.0])
    func chance(ratio: Double) {
        let random = SeededRandom(seed: 7)
        let rounds = 200_000
        let cost = Duration.milliseconds(400)
        for eagerness in [0.5, 1.0, 2.0] {
            let left = Duration.microseconds(Int64(ratio * 400_000))
            let refreshes = (0..<rounds).count { _ in
                EarlyRefresh.isDue(left: left, cost: cost, eagerness: eagerness, die: EarlyRefresh.die(random.next()))
            }
            let expected = exp(-ratio / eagerness)
            let deviation = (expected * (1 - expected) / Double(rounds)).squareRoot()
            #expect(abs(Double(refreshes) / Double(rounds) - expected) < 5 * deviation)
        }
    }

    @Test("Nothing is renewed early that costs nothing or has no eagerness, and everything that is over its time")
    func edges() {
        let least = EarlyRefresh.die(0)
        #expect(least > 0 && EarlyRefresh.die(.max) == 1)
        #expect(!EarlyRefresh.isDue(left: .microseconds(1), cost: .zero, eagerness: 1, die: least))
        #expect(!EarlyRefresh.isDue(left: .microseconds(1), cost: .seconds(9), eagerness: 0, die: least))
        #expect(!EarlyRefresh.isDue(left: .microseconds(1), cost: .seconds(9), eagerness: 1, die: 1))
        #expect(EarlyRefresh.isDue(left: .zero, cost: .zero, eagerness: 0, die: 1))
        // The least die there is reaches 37 costs back, and no further.
        #expect(EarlyRefresh.isDue(left: .seconds(36), cost: .seconds(1), eagerness: 1, die: least))
        #expect(!EarlyRefresh.isDue(left: .seconds(37), cost: .seconds(1), eagerness: 1, die: least))
    }

    /// Five processes read one hot key four hundred times a second each; a computation takes half a second and the value lives a minute.
    @Test("S2-27: A hot key has no synchronized miss: it is renewed before its time, by few, and nobody waits")
    func hotKey() {
        let random = SeededRandom(seed: 27)
        let (cost, ttl, step) = (Duration.milliseconds(500), Duration.seconds(60), Duration.microseconds(500))
        var (now, expiry) = (Duration.zero, ttl)
        var (misses, renewals, periods) = (0, 0, 0)
        var landing: Duration?
        while periods < 200 {
            if let lands = landing, now >= lands {
                (expiry, landing) = (now + ttl, nil)
                periods += 1
                // Between renewals nothing happens for most of the time: it is skipped up to where the least die reaches.
                now = expiry - cost * 37
            }
            if now >= expiry { misses += 1 }
            if landing == nil, EarlyRefresh.isDue(left: expiry - now, cost: cost, eagerness: 1, die: EarlyRefresh.die(random.next())) {
                landing = now + cost
                renewals += 1
            }
            now += step
        }
        #expect(misses == 0)
        #expect(renewals == periods)
    }

    @Test(
        "S2-26: A lease follows the measured time of the computation, and its timeout where none was measured",
        arguments: [
            (nil, 300, 10), (nil, 8, 4), (nil, 2, 3), (0.001, 300, 3), (4, 300, 8), (60, 300, 60), (0.5, 1, 3),
        ] as [(Double?, Int, Int)])
    func span(cost: Double?, timeout: Int, expected: Int) {
        #expect(LeaseSpan.of(cost: cost.map { .milliseconds(Int64($0 * 1000)) }, timeout: .seconds(timeout)) == .seconds(expected))
    }
}
