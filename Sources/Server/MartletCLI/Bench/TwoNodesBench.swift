import MartletCore

/// Whether a second node on the same store gets in the first one's way.
struct TwoNodesBench: BenchScenario {
    static let name = "two-nodes"
    static let summary = "the drain by one node, and by two on the same store"

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        let count = bench.amount(60_000)
        var figures: [BenchFigure] = []
        for (name, hasSecond) in [("one", false), ("two", true)] {
            let elapsed = try await BenchStore.with(bench.address, environment: bench.environment) { place in
                try await bench.enqueue(count, in: place.store) { _ in bench.job() }
                guard hasSecond else { return try await DrainBench.drain(count, of: [place.store], bench) }
                let other = try await place.beside()
                let result: Result<Duration, any Error>
                do {
                    result = .success(try await DrainBench.drain(count, of: [place.store, other.store], bench))
                } catch {
                    result = .failure(error)
                }
                await other.close()
                return try result.get()
            }
            figures.append(BenchFigure(scenario: Self.name, name: name, value: Double(count) / elapsed.inSeconds, unit: "jobs/s"))
        }
        return figures
    }
}
