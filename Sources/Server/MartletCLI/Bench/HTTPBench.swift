import Martlet
import MartletHTTP
import ServiceLifecycle
import Synchronization

/// Enqueue over HTTP, one by one and in batches. Without `--http` the server runs in this process, and client and server share its processors.
struct HTTPBench: BenchScenario {
    static let name = "http"
    static let summary = "enqueue over HTTP, one by one and in batches"

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        if let server = bench.server { return try await measure(bench, try HTTPLoad.Target(server)) }
        return try await bench.withStore { store in
            try await bench.withEngine(store) { _ in
            } _: { engine in
                let port = AsyncStream.makeStream(of: Int.self)
                let server = HTTPServer(engine: engine, configuration: try HTTPConfiguration(port: 0), logger: .silent) {
                    port.continuation.yield($0)
                }
                return try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await server.run() }
                    var ports = port.stream.makeAsyncIterator()
                    guard let port = await ports.next() else { return [] }
                    let figures = try await measure(bench, HTTPLoad.Target(host: "127.0.0.1", port: port))
                    group.cancelAll()
                    return figures
                }
            }
        }
    }

    private func measure(_ bench: Bench, _ target: HTTPLoad.Target) async throws -> [BenchFigure] {
        let body = "{\"kind\":\"\(Bench.kind)\",\"queue\":\"bench\",\"payload\":\(Bench.payload.text),\"queue_timeout\":60}"
        let single = HTTPLoad(
            target: target, path: "/v1/jobs", contentType: "application/json", body: Array(body.utf8), clock: bench.environment.clock)
        let one = try await single.run(requests: bench.amount(40_000), connections: bench.connections)
        let lines = Array(String(repeating: body + "\n", count: 1000).utf8)
        let batch = HTTPLoad(
            target: target, path: "/v1/jobs/batch", contentType: "application/x-ndjson", body: lines, clock: bench.environment.clock)
        let many = try await batch.run(requests: bench.amount(100), connections: 2)
        return [BenchFigure(scenario: Self.name, name: "single", value: one.rate, unit: "jobs/s")]
            + Quantiles(one.waits).figures(Self.name)
            + [BenchFigure(scenario: Self.name, name: "batch", value: many.rate * 1000, unit: "jobs/s")]
    }
}
