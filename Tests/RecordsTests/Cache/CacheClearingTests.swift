import Martlet
import MartletCore
import MartletTesting
import Testing

@testable import Records

@Suite(.timeLimit(.minutes(1)))
struct CacheClearingTests {
    @Test(
        "S4-14: one key, all of a prefix, or everything is cleared in every process, and the statistics tell of it",
        arguments: TestDatabase.Engine.allCases)
    func clearing(engine: TestDatabase.Engine) async throws {
        try await CacheBench.with(engine, caches: 2, sharing: false) { bench async throws in
            var policy = CachePolicy(ttl: .seconds(3600))
            policy.eagerness = 0
            let kept = policy
            let (here, there) = (bench.caches[0], bench.caches[1])
            @Sendable func askAll() async throws {
                for key in ["guild-1/a", "guild-1/b", "guild-2/a"] { _ = try await there.bytes(for: key, kept) { [1] } }
            }
            try await askAll()
            #expect(there.statistics.computations == 3)
            for (clear, computations) in [
                ({ @Sendable in try await here.invalidate("guild-1/a") }, 4), ({ try await here.invalidate(prefix: "guild-1/") }, 6),
                ({ try await here.invalidate(prefix: "") }, 9),
            ] as [(@Sendable () async throws -> Void, Int)] {
                try await clear()
                bench.clock.advance(by: .milliseconds(1001))
                try await askAll()
                #expect(there.statistics.computations == computations)
            }
            #expect(there.statistics.invalidations >= 3 && there.statistics.entries == 3)
            #expect(there.statistics.hits == 3 && there.statistics.misses == 9 && there.statistics.hitRatio == 0.25)
        }
    }
}
