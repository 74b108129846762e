import Foundation
import Martlet
import MartletHTTP
import NIOHTTP1
import ServiceLifecycle
import Synchronization

/// Over HTTP with a key: enqueue, one by one and in batches, and look at one job. Without `--http` the server runs in this process, and client and
/// server share its processors.
struct HTTPBench: BenchScenario {
    static let name = "http"
    static let summary = "over HTTP with a key: enqueue one by one and in batches, look at one job"

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        if let server = bench.server {
            return try await enqueue(bench, try HTTPLoad.Target(server), ProcessInfo.processInfo.environment["MARTLET_KEY"])
        }
        return try await bench.withStore { store in
            try await bench.withEngine(store) { _ in
            } _: { engine in
                try await BenchKeys.with(bench.environment) { access, key in try await serve(engine, access, key, bench) }
            }
        }
    }

    private func serve(_ engine: Engine, _ access: AccessControl, _ key: String, _ bench: Bench) async throws -> [BenchFigure] {
        let port = AsyncStream.makeStream(of: Int.self)
        let server = HTTPServer(engine: engine, configuration: try HTTPConfiguration(port: 0), access: access, logger: .silent) {
            port.continuation.yield($0)
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var ports = port.stream.makeAsyncIterator()
            guard let port = await ports.next() else { return [] }
            let target = HTTPLoad.Target(host: "127.0.0.1", port: port)
            let figures = try await look(bench, target, key, engine.store) + (try await enqueue(bench, target, key))
            group.cancelAll()
            return figures
        }
    }

    private func look(_ bench: Bench, _ target: HTTPLoad.Target, _ key: String, _ store: any Store) async throws -> [BenchFigure] {
        let job = bench.job()
        _ = try await store.enqueue([job])
        let load = HTTPLoad(
            target: target, path: "/v1/jobs/\(job.id)", contentType: "application/json", body: [], key: key, method: .GET,
            clock: bench.environment.clock)
        let result = try await load.run(requests: bench.amount(100_000), connections: bench.connections)
        return [BenchFigure(scenario: Self.name, name: "get", value: result.rate, unit: "requests/s")]
    }

    private func enqueue(_ bench: Bench, _ target: HTTPLoad.Target, _ key: String?) async throws -> [BenchFigure] {
        let body = "{\"kind\":\"\(Bench.kind)\",\"queue\":\"bench\",\"payload\":\(Bench.payload.text),\"queue_timeout\":60}"
        let single = HTTPLoad(
            target: target, path: "/v1/jobs", contentType: "application/json", body: Array(body.utf8), key: key, clock: bench.environment.clock)
        let one = try await single.run(requests: bench.amount(40_000), connections: bench.connections)
        let lines = Array(String(repeating: body + "\n", count: 1000).utf8)
        let batch = HTTPLoad(
            target: target, path: "/v1/jobs/batch", contentType: "application/x-ndjson", body: lines, key: key, clock: bench.environment.clock)
        let many = try await batch.run(requests: bench.amount(100), connections: 2)
        return [BenchFigure(scenario: Self.name, name: "single", value: one.rate, unit: "jobs/s")]
            + Quantiles(one.waits).figures(Self.name)
            + [BenchFigure(scenario: Self.name, name: "batch", value: many.rate * 1000, unit: "jobs/s")]
    }
}
