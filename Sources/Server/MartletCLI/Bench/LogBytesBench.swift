import Martlet

/// What a job costs the disk: how much the write-ahead log grows. Few enough jobs that the log is not written back in between, since then it
/// would begin anew.
struct LogBytesBench: BenchScenario {
    static let name = "log-bytes"
    static let summary = "write-ahead log per job, from enqueue to finished"

    private static let count = 400

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        let bytes = try await BenchStore.with(bench.address, environment: bench.environment) { measured in
            let before = try await measured.logBytes()
            try await bench.withEngine(measured.store) { engine in
                engine.handle(kind: Bench.kind) { _, _ in nil }
            } _: { engine in
                try await bench.enqueue(Self.count, in: engine.store) { _ in bench.job() }
                try await bench.untilFinished(Self.count, in: engine.store)
            }
            return try await measured.logBytes() - before
        }
        return [BenchFigure(scenario: Self.name, name: "written", value: Double(bytes) / Double(Self.count), unit: "bytes/job")]
    }
}
