import MartletCore

/// Enqueue in batches.
struct BulkEnqueueBench: BenchScenario {
    static let name = "bulk-enqueue"
    static let summary = "enqueue, a thousand at a time"

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        let count = bench.amount(100_000)
        let elapsed = try await bench.withStore { store in
            try await bench.time { try await bench.enqueue(count, in: store) { _ in bench.job() } }
        }
        return [BenchFigure(scenario: Self.name, name: "enqueued", value: Double(count) / elapsed.inSeconds, unit: "jobs/s")]
    }
}
