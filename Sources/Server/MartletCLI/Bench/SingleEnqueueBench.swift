import MartletCore

/// Many callers that enqueue one job at a time, and wait for each to be durable.
struct SingleEnqueueBench: BenchScenario {
    static let name = "single-enqueue"
    static let summary = "enqueue one by one, 64 callers at once"

    private static let callers = 64

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        let each = bench.amount(500)
        let elapsed = try await bench.withStore { store in
            try await bench.time {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<Self.callers {
                        group.addTask {
                            for _ in 0..<each { _ = try await store.enqueue([bench.job()]) }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
        return [BenchFigure(scenario: Self.name, name: "enqueued", value: Double(each * Self.callers) / elapsed.inSeconds, unit: "jobs/s")]
    }
}
