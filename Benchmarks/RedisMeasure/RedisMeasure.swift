import MartletCore
import RedisStore

/// Measures `RedisStore` by itself, without the engine: `redis-measure redis://127.0.0.1:6379 [jobs]`. Prints rates and seconds; what a job costs in memory
/// and in the append-only file is read from `INFO` before and after each phase by whoever runs it.
@main
struct RedisMeasure {
    private static let batch = 100
    private let store: RedisStore
    private let environment: Environment
    private let count: Int

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else { return write("usage: redis-measure URL [jobs [phase…]]\n") }
        let environment = Environment.system
        let store = try await RedisStore(url: arguments[1], environment: environment)
        let measure = RedisMeasure(store: store, environment: environment, count: arguments.count > 2 ? Int(arguments[2]) ?? 20_000 : 20_000)
        let phases = arguments.count > 3 ? Array(arguments[3...]) : ["enqueue", "drain", "life", "single", "steps"]
        for phase in phases { try await measure.run(phase) }
        await store.close()
    }

    private func run(_ phase: String) async throws {
        switch phase {
        case "enqueue": try await time("enqueue", count) { try await enqueueAll(tasks: 2) }
        case "drain": try await time("claim and settle", count) { try await drain(tasks: 2) }
        case "life":
            try await time("whole life", count) {
                try await withThrowingTaskGroup { group in
                    group.addTask { try await enqueueAll(tasks: 1) }
                    group.addTask { try await drain(tasks: 2) }
                    try await group.waitForAll()
                }
            }
        case "single": try await time("single enqueues, 64 at once", count) { try await enqueueSingly(tasks: 64) }
        case "steps": try await time("steps one after another", min(count, 5000)) { try await steps(min(count, 5000)) }
        case "pages":
            for (name, shape) in Self.queries {
                var query = JobQuery()
                shape(&query)
                try await time("pages of \(name)", 200) { for _ in 0..<200 { _ = try await store.jobs(query) } }
            }
        default: Self.write("no such phase: \(phase)\n")
        }
    }

    private static let queries: [(String, @Sendable (inout JobQuery) -> Void)] = [
        ("the newest", { _ in }), ("one kind", { $0.kind = "noop" }), ("what failed", { $0.outcome = .failed }),
        ("what runs", { $0.phase = .running }), ("a label that nobody has", { $0.labels = ["a": "b"] }),
    ]

    private func job() -> NewJob { NewJob(id: environment.makeJobID(), kind: "noop", payload: .emptyObject) }

    private func enqueueAll(tasks: Int) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<tasks {
                group.addTask {
                    for _ in 0..<count / tasks / Self.batch { _ = try await store.enqueue((0..<Self.batch).map { _ in job() }) }
                }
            }
            try await group.waitForAll()
        }
    }

    private func enqueueSingly(tasks: Int) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<tasks {
                group.addTask { for _ in 0..<count / tasks { _ = try await store.enqueue([job()]) } }
            }
            try await group.waitForAll()
        }
    }

    private func drain(tasks: Int) async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<tasks {
                group.addTask {
                    var left = count / tasks
                    let plan = ClaimPlan(node: NodeID("measure/\(number)"), kinds: ["noop"], limit: Self.batch)
                    while left > 0 {
                        let claimed = try await store.claim(plan)
                        if claimed.jobs.isEmpty { continue }
                        _ = try await store.settle(claimed.jobs.map { Settlement($0.lease, .succeeded(result: nil)) })
                        left -= claimed.jobs.count
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func steps(_ count: Int) async throws {
        var job = job()
        job.kind = "steps"
        _ = try await store.enqueue([job])
        let claimed = try await store.claim(ClaimPlan(node: NodeID("measure/steps"), kinds: ["steps"], limit: 1))
        guard let lease = claimed.jobs.first?.lease else { return }
        for number in 0..<count { _ = try await store.record([NewStep(name: "step-\(number)", result: .emptyObject)], under: lease) }
        _ = try await store.settle([Settlement(lease, .succeeded(result: nil))])
    }

    private func time(_ name: String, _ count: Int, _ body: () async throws -> Void) async throws {
        let start = environment.clock.uptime()
        try await body()
        let seconds = (environment.clock.uptime() - start).inSeconds
        Self.write("\(name): \(Int(Double(count) / seconds))/s (\(count) in \(seconds) s)\n")
    }
}
