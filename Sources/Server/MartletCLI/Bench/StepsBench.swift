import Martlet

/// Durable steps, one after another in one job.
struct StepsBench: BenchScenario {
    static let name = "steps"
    static let summary = "durable steps, one after another in one job"

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        let count = bench.amount(10_000)
        let elapsed = try await bench.withStore { store in
            try await bench.withEngine(store) { engine in
                engine.handle(kind: Bench.kind) { _, context in
                    for number in 0..<count { _ = try await context.step("s\(number)") { number } }
                    return nil
                }
            } _: { engine in
                try await bench.time {
                    _ = try await engine.store.enqueue([bench.job()])
                    try await bench.untilFinished(1, in: engine.store)
                }
            }
        }
        return [BenchFigure(scenario: Self.name, name: "recorded", value: Double(count) / elapsed.inSeconds, unit: "steps/s")]
    }
}
