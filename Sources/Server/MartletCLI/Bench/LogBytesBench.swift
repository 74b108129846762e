import Martlet

/// What a job costs the disk: how much the write-ahead log grows, and in how many commits. Few enough jobs that the log is not written back in
/// between, since then it would begin anew.
struct LogBytesBench: BenchScenario {
    static let name = "log-bytes"
    static let summary = "log and commits per job, from enqueue to finished"

    private static let count = 400

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        let (before, after) = try await BenchStore.with(bench.address, environment: bench.environment) { measured in
            let before = try await measured.log()
            try await bench.withEngine(measured.store) { engine in
                engine.handle(kind: Bench.kind) { _, _ in nil }
            } _: { engine in
                try await bench.enqueue(Self.count, in: engine.store) { _ in bench.job() }
                try await bench.untilFinished(Self.count, in: engine.store)
            }
            return (before, try await measured.log())
        }
        return [
            BenchFigure(scenario: Self.name, name: "written", value: Double(after.bytes - before.bytes) / Double(Self.count), unit: "bytes/job"),
            BenchFigure(
                scenario: Self.name, name: "commits", value: Double(after.commits - before.commits) / Double(Self.count), unit: "commits/job"),
        ]
    }
}
