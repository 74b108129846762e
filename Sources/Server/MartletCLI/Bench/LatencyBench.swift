import Martlet
import Synchronization

/// How long a job waits for its handler where the engine has little to do, and where it is busy: from the call of enqueue to the first line of
/// the handler.
struct LatencyBench: BenchScenario {
    static let name = "latency"
    static let summary = "enqueue to start, at 50 jobs/s and at 1000"

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        let few = try await measure(bench, count: bench.amount(500), perSecond: 50)
        let many = try await measure(bench, count: bench.amount(5000), perSecond: 1000)
        return few.figures(Self.name) + many.figures(Self.name, "1000/s ")
    }

    /// Jobs come at their time, whether or not the ones before are accepted yet.
    private func measure(_ bench: Bench, count: Int, perSecond: Int) async throws -> Quantiles {
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
                try await withThrowingDiscardingTaskGroup { group in
                    let begin = clock.uptime()
                    for number in 0..<count {
                        let early = begin + .seconds(1) * number / perSecond - clock.uptime()
                        if early > .zero { try await clock.sleep(for: early) }
                        let job = bench.job()
                        starts.withLock { $0[job.id] = clock.uptime() }
                        group.addTask { _ = try await engine.store.enqueue([job]) }
                    }
                }
                try await bench.untilFinished(count, in: engine.store)
            }
        }
        return Quantiles(waits.withLock { $0 })
    }
}
