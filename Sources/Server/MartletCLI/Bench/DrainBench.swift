import Martlet
import Synchronization

/// Jobs that wait already when the workers start: how the peers are measured.
struct DrainBench: BenchScenario {
    static let name = "drain"
    static let summary = "preloaded jobs that do nothing, from the first start until all are finished"

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        let count = bench.amount(100_000)
        let elapsed = try await bench.withStore { store in
            try await bench.enqueue(count, in: store) { _ in bench.job() }
            return try await Self.drain(count, of: [store], bench)
        }
        return [BenchFigure(scenario: Self.name, name: "completed", value: Double(count) / elapsed.inSeconds, unit: "jobs/s")]
    }

    /// From the first start of a job until so many are finished, with an engine on each of these stores, which are all at one place.
    static func drain(_ count: Int, of stores: [any Store], _ bench: Bench) async throws -> Duration {
        let clock = bench.environment.clock
        let first = Mutex<Duration?>(nil)
        return try await withEngines(stores[...], bench) { engine in
            engine.handle(kind: Bench.kind) { _, _ in
                first.withLock { if $0 == nil { $0 = clock.uptime() } }
                return nil
            }
        } _: {
            try await bench.untilFinished(count, in: stores[0])
            let end = clock.uptime()
            return end - (first.withLock { $0 } ?? end)
        }
    }

    private static func withEngines(
        _ stores: ArraySlice<any Store>, _ bench: Bench, _ prepare: (Engine) -> Void, _ body: () async throws -> Duration
    ) async throws -> Duration {
        guard let store = stores.first else { return try await body() }
        return try await bench.withEngine(store, prepare) { _ in try await withEngines(stores.dropFirst(), bench, prepare, body) }
    }
}
