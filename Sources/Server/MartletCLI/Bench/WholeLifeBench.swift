import Martlet

/// A job that does nothing, from enqueue to finished.
struct WholeLifeBench: BenchScenario {
    static let name = "whole-life"
    static let summary = "jobs that do nothing, from enqueue to finished"

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        let count = bench.amount(100_000)
        let elapsed = try await bench.withStore { store in
            try await bench.withEngine(store) { engine in
                engine.handle(kind: Bench.kind) { _, _ in nil }
            } _: { engine in
                try await bench.time {
                    try await bench.enqueue(count, in: engine.store) { _ in bench.job() }
                    try await bench.untilFinished(count, in: engine.store)
                }
            }
        }
        return [BenchFigure(scenario: Self.name, name: "completed", value: Double(count) / elapsed.inSeconds, unit: "jobs/s")]
    }
}
