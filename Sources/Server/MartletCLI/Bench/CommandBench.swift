import Martlet
import ProcessPool

/// Jobs whose handler is the smallest program there is.
struct CommandBench: BenchScenario {
    static let name = "commands"
    static let summary = "jobs that run /bin/true"

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        let count = bench.amount(2000)
        let pool = CommandPool(environment: bench.environment)
        let elapsed = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await pool.run() }
            defer { pool.stop() }
            return try await bench.withStore { store in
                try await bench.withEngine(store) { engine in
                    let spec = CommandSpec(kind: Bench.kind, arguments: ["/bin/true"], workingDirectory: "/")
                    let handler = CommandHandler(spec, in: pool)
                    engine.handle(kind: Bench.kind) { _, context in try await handler.run(context) }
                } _: { engine in
                    try await bench.time {
                        try await bench.enqueue(count, in: engine.store) { _ in bench.job() }
                        try await bench.untilFinished(count, in: engine.store)
                    }
                }
            }
        }
        return [BenchFigure(scenario: Self.name, name: "completed", value: Double(count) / elapsed.inSeconds, unit: "commands/s")]
    }
}
