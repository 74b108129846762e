import MartletCore
import Testing

@testable import Records

@Suite struct CacheStateTests {
    private let policy = CachePolicy(ttl: .seconds(60))

    /// A state that has heard up to number 3 and holds a value.
    private func state() -> CacheState {
        var state = CacheState(cache: "c", limits: CacheLimits())
        state.hear(Invalidations.News(last: 3), askedAt: .zero)
        let flight = state.ask("k", policy, at: .zero, die: 1) { nil }.started
        _ = state.land(flight ?? 0, Landing(value: [1], cost: .zero, freshFor: .seconds(60), isKept: true), at: .zero)
        return state
    }

    private func holds(_ state: CacheState) -> Bool {
        var state = state
        guard case .value(let value) = state.ask("k", policy, at: .zero, die: 1, { nil }).answer else { return false }
        return value == [1]
    }

    @Test("What two looks hear is forgotten once: a value that was computed between them stays")
    func hearsOnce() {
        var state = state()
        #expect(holds(state))
        state.hear(Invalidations.News(ranges: [KeyRange(key: "k")], last: 3), askedAt: .zero)
        #expect(holds(state))
        state.hear(Invalidations.News(ranges: [KeyRange(key: "k")], last: 4), askedAt: .zero)
        #expect(!holds(state))
    }

    @Test("A database that knows less than was heard has been replaced: everything is forgotten")
    func restored() {
        var state = state()
        state.hear(Invalidations.News(last: 2, isBroken: true), askedAt: .zero)
        #expect(!holds(state) && state.lastHeard == 2)
    }
}
