import Logging
import Martlet
import MartletCore
import MartletTesting

/// Several engines on one store in memory, each on a lane that can be frozen: a stopped or a dead process.
struct Cluster: Sendable {
    let clock: VirtualClock
    let executor: SeededExecutor
    let memory: MemoryStore
    let engines: [Engine]
    let lanes: [ExecutorLane]

    static func run(
        nodes: Int, seed: UInt64 = 1, concurrency: Int = 4, handlers: (Engine, ExecutorLane, VirtualClock) -> Void,
        _ body: @escaping @Sendable (Cluster) async throws -> Void
    ) throws {
        let clock = VirtualClock()
        let executor = SeededExecutor(seed: seed)
        let memory = MemoryStore(environment: Environment(clock: clock, random: SeededRandom(seed: seed)))
        let lanes = (0..<nodes).map { executor.makeLane("node-\($0)") }
        let engines = lanes.enumerated().map { index, lane in
            var configuration = EngineConfiguration(node: NodeID(lane.name))
            configuration.concurrency = concurrency
            let environment = Environment(clock: clock, random: SeededRandom(seed: seed + UInt64(index) + 1))
            let logger = Logger(label: lane.name) { _ in SwiftLogNoOpLogHandler() }
            let engine = Engine(store: memory, configuration: configuration, environment: environment, logger: logger)
            handlers(engine, lane, clock)
            return engine
        }
        let cluster = Cluster(clock: clock, executor: executor, memory: memory, engines: engines, lanes: lanes)
        try executor.run(clock) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (engine, lane) in zip(engines, lanes) { group.addTask(executorPreference: lane) { await engine.run() } }
                defer {
                    for lane in lanes { lane.thaw() }
                    group.cancelAll()
                }
                try await body(cluster)
            }
        }
    }

    func job(_ id: JobID) async throws -> JobRecord {
        guard let detail = try await memory.job(id) else { throw StoreError.notFound("job \(id)") }
        return detail.job
    }

    func finished(_ id: JobID, within limit: Duration = .seconds(3600)) async throws -> JobRecord {
        let end = clock.uptime() + limit
        await executor.idle()
        while true {
            let job = try await job(id)
            if job.phase == .finished { return job }
            guard clock.uptime() < end else { throw TestEngineError.timeout("job \(id) is finished", limit) }
            await executor.nextInstant()
        }
    }

    func pass(_ duration: Duration) async {
        await clock.pass(duration)
        await executor.idle()
    }
}
