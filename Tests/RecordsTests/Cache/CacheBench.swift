import Database
import Martlet
import MartletCore
import MartletTesting
import Synchronization

@testable import Records

/// Caches over one database, each as a process of its own would have it.
struct CacheBench: Sendable {
    /// Stands still unless the test moves it. Where `isReal`, time is the machine's, for tests in which one process waits for another.
    let clock: VirtualClock
    let environment: Environment
    let leases: any LeaseKeeper
    let database: SQLDatabase
    let caches: [Cache]

    static func with(
        _ engine: TestDatabase.Engine = .sqlite, caches count: Int = 1, isReal: Bool = false, sharing: Bool = true,
        limits: CacheLimits = CacheLimits(),
        through wrap: @escaping @Sendable (any LeaseKeeper) -> any LeaseKeeper = { $0 },
        _ body: @escaping @Sendable (CacheBench) async throws -> Void
    ) async throws {
        let clock = VirtualClock()
        let environment = isReal ? .system : Environment(clock: clock, random: SeededRandom(seed: 1))
        try await TestDatabase.with(engine) { test async throws in
            let store = MemoryStore(environment: environment)
            let keeper = wrap(Engine(store: store, configuration: EngineConfiguration(node: NodeID("test")), environment: environment))
            let caches = (0..<count).map { _ in
                Cache("test", in: test.database, leases: sharing ? keeper : nil, limits: limits, environment: environment)
            }
            let bench = CacheBench(clock: clock, environment: environment, leases: keeper, database: test.database, caches: caches)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for cache in caches { group.addTask { await cache.run() } }
                defer { group.cancelAll() }
                try await body(bench)
            }
        }
    }

    var cache: Cache { caches[0] }
}

/// Lets whoever waits for it go on, once it is given.
final class Signal: Sendable {
    private struct State {
        var isGiven = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var isGiven: Bool { state.withLock { $0.isGiven } }

    func give() {
        let waiting = state.withLock { state in
            state.isGiven = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isGiven = state.withLock { state in
                if !state.isGiven { state.waiting.append(continuation) }
                return state.isGiven
            }
            if isGiven { continuation.resume() }
        }
    }
}

/// Counts what happens in several tasks.
final class Tally: Sendable {
    private let number = Mutex(0)

    @discardableResult func add() -> Int {
        number.withLock {
            $0 += 1
            return $0
        }
    }

    var count: Int { number.withLock { $0 } }
}
