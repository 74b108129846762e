import Logging
import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct ErrorContextTests {
    private struct Broken: Error, CustomStringConvertible {
        let description = "the lens is dirty"
    }

    /// Keeps what is logged, with all that it is about.
    private struct KeepingHandler: LogHandler {
        let kept: Log<Logger.Metadata>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            var all = metadata.merging(event.metadata ?? [:]) { $1 }
            all["text"] = "\(event.message)"
            kept.add(all)
        }
    }

    @Test("S3-12: each failed attempt is an event that says which job, which attempt, why and when it goes on; logs name the job")
    func context() throws {
        let kept = Log<Logger.Metadata>()
        let logger = Logger(label: "test") { _ in KeepingHandler(kept: kept) }
        try TestEngine.run(logger: logger) { engine in
            engine.handle(Greet.self) { _, context in
                context.logger.error("no picture")
                throw Broken()
            }
        } _: { test in
            let job = try await test.finish(Greet(), .init(maxAttempts: 3))
            #expect(job.outcome == .failed && job.error?.kind == "Broken" && job.error?.message == "the lens is dirty")
            let failures = try await test.events(of: job.id).filter { $0.type == "attempt.failed" }
            #expect(failures.map { $0.data.json["attempt"]?.integerValue } == [1, 2, 3])
            #expect(failures.allSatisfy { $0.stream == StreamName.job(job.id) && $0.data.json["kind"] == "Broken" })
            #expect(failures.allSatisfy { $0.data.json["message"] == "the lens is dirty" })
            #expect(failures.map { $0.data.json["retry_after"] == .null } == [false, false, true])
            let said = kept.entries.filter { $0["text"] == "no picture" }
            #expect(said.count == 3)
            #expect(said.allSatisfy { $0["job"] == "\(job.id)" && $0["kind"] == "greet" })
        }
    }
}
