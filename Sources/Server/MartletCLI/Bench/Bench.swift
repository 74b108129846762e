import Martlet

/// What the scenarios have in common: fresh stores, the clock, and how much to do.
struct Bench: Sendable {
    /// How much of everything; 1 takes about a minute for all scenarios.
    let scale: Double
    /// The server whose store is measured; `nil` measures a file.
    let address: StoreAddress?
    /// A server elsewhere; `nil` starts one in this process.
    let server: String?
    let connections: Int
    let environment = MartletCore.Environment.system

    static let kind = "bench.nothing"
    /// 100 bytes, as the jobs of the peers in `Benchmarks/peers` carry.
    static let payload = Payload(.string(String(repeating: "x", count: 98)))

    func amount(_ standard: Int) -> Int { max(1, Int(Double(standard) * scale)) }

    /// A new store, which is removed afterwards.
    func withStore<Result>(_ body: (any Store) async throws -> Result) async throws -> Result {
        try await BenchStore.with(address, environment: environment) { try await body($0.store) }
    }

    func job(_ kind: String = kind) -> NewJob { NewJob(id: environment.makeJobID(), kind: kind, payload: Self.payload) }

    /// An engine that runs while `body` does.
    func withEngine<Result: Sendable>(
        _ store: any Store, _ prepare: (Engine) -> Void, _ body: (Engine) async throws -> Result
    ) async throws -> Result {
        let engine = Engine(store: store, configuration: EngineConfiguration(node: .thisProcess), environment: environment, logger: .silent)
        prepare(engine)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await engine.run() }
            let result: Result
            do {
                result = try await body(engine)
            } catch {
                engine.stop()
                throw error
            }
            engine.stop()
            try await group.waitForAll()
            return result
        }
    }

    /// Waits until so many jobs are finished; each look takes a reader's time from the work, and adds at most its interval to the result.
    func untilFinished(_ count: Int, in store: any Store) async throws {
        while true {
            let counts = try await store.overview().queues.reduce(Counts()) { $0 + $1.counts }
            if counts.finished >= count { return }
            try await environment.clock.sleep(for: .milliseconds(10))
        }
    }

    /// How long `body` takes.
    func time(_ body: () async throws -> Void) async rethrows -> Duration {
        let start = environment.clock.uptime()
        try await body()
        return environment.clock.uptime() - start
    }

    /// Enqueues many, a thousand at a time.
    func enqueue(_ count: Int, in store: any Store, _ make: (Int) -> NewJob) async throws {
        for start in stride(from: 0, to: count, by: 1000) {
            _ = try await store.enqueue((start..<min(start + 1000, count)).map(make))
        }
    }
}
