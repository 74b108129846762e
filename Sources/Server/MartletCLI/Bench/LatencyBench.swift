import Martlet
import Synchronization

/// How long a job waits for its handler where the engine has little to do: from the call of enqueue to the first line of the handler.
struct LatencyBench: BenchScenario {
    static let name = "latency"
    static let summary = "enqueue to start, at 50 jobs/s"

    private static let interval: Duration = .milliseconds(20)

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        let count = bench.amount(500)
        let starts = Mutex<[JobID: Duration]>([:])
        let waits = Mutex<[Duration]>([])
        let clock = bench.environment.clock
        try await bench.withStore { store in
            try await bench.withEngine(store) { engine in
                engine.handle(kind: Bench.kind) { _, context in
                    let now = clock.uptime()
                    if let start = starts.withLock({ $0[context.id] }) { waits.withLock { $0.append(now - start) } }
                    return nil
                }
            } _: { engine in
                for _ in 0..<count {
                    let job = bench.job()
                    starts.withLock { $0[job.id] = clock.uptime() }
                    _ = try await engine.store.enqueue([job])
                    try await clock.sleep(for: Self.interval)
                }
                try await bench.untilFinished(count, in: engine.store)
            }
        }
        return Quantiles(waits.withLock { $0 }).figures(Self.name)
    }
}
