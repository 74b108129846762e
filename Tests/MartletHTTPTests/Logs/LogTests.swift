import Database
import Logging
import MartletCore
import MartletHTTP
import Records
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LogTests {
    private func logger(_ ring: LogRing) -> Logger {
        Logger(label: "test") { LogSinkHandler(label: $0, sink: ring, logLevel: .trace) }
    }

    @Test func `What was logged is shown by level, newest last`() async throws {
        let ring = LogRing()
        var logger = logger(ring)
        logger[metadataKey: "node"] = "n1"
        logger.info("one")
        logger.error("two", metadata: ["why": "because"])
        logger.debug("three")
        try await TestServer.run(logs: ring) { server async throws in
            guard case .array(let records)? = try await server.get("/v1/logs?level=info").json["records"] else {
                Issue.record("no records")
                return
            }
            #expect(records.map { $0["message"] } == ["one", "two"])
            #expect(records[1]["metadata"]?.description == #"{"node":"n1","why":"because"}"# && records[1]["level"] == "error")
            #expect(try await server.get("/v1/logs?limit=1").json["records"]?.description.contains("three") == true)
            #expect(try await server.get("/v1/logs?after=2").json["records"]?.description.contains("two") == false)
            #expect(try await server.get("/v1/logs?level=loud").status == 400)
        }
    }

    @Test func `The oldest records make room, and long texts are cut`() {
        let ring = LogRing()
        let logger = logger(ring)
        for number in 1...(LogRing.capacity + 10) { logger.info("\(number)") }
        var query = LogQuery()
        query.limit = LogQuery.limitMax
        let records = ring.records(query)
        #expect(records.count == LogRing.capacity && records.last?.sequence == 11 && records.first?.message == "\(LogRing.capacity + 10)")
        logger.info("\(String(repeating: "x", count: 5000))")
        #expect(ring.records(query).first?.message.utf8.count == 1024)
    }

    @Test func `Records are filtered, read on from a number, looked at one by one and exported`() async throws {
        let ring = LogRing()
        for number in 1...10 {
            Logger(label: number % 2 == 0 ? "git.sync" : "worker") { LogSinkHandler(label: $0, sink: ring) }.info("\(number)")
        }
        try await TestServer.run(logs: ring) { server async throws in
            func messages(_ query: String) async throws -> [String] {
                guard case .array(let records)? = try await server.get("/v1/logs?\(query)").json["records"] else { return [] }
                return records.compactMap { $0["message"]?.stringValue }
            }
            #expect(try await messages("category=git&limit=2") == ["8", "10"])
            #expect(try await messages("category=git&limit=2&before=8") == ["4", "6"])
            #expect(try await messages("after=3&limit=2") == ["4", "5"])
            #expect(try await messages("until=2000-01-01T00:00:00Z") == [])
            #expect(try await messages("since=2000-01-01T00:00:00Z&limit=1") == ["10"])
            #expect(try await server.get("/v1/logs?since=yesterday").status == 400)
            #expect(try await server.get("/v1/logs/7").json["message"] == "7")
            #expect(try await server.get("/v1/logs/11").status == 404)
            #expect(try await server.get("/v1/logs/none").status == 400)
            let export = try await server.get("/v1/logs/export?category=worker")
            #expect(export.headers["content-type"] == "application/x-ndjson")
            let lines = export.text.split(separator: "\n")
            #expect(try lines.map { try JSON(parsing: String($0))["message"]?.stringValue } == ["1", "3", "5", "7", "9"])
        }
    }

    /// A log whose database is away.
    private struct Away: LogSource {
        func records(_ query: LogQuery) throws -> [LogRecord] { throw DatabaseFailure.closed }
        func record(_ sequence: Int) throws -> LogRecord? { throw DatabaseFailure.closed }
    }

    @Test func `A database that is away is said as a problem`() async throws {
        try await TestServer.run(logs: Away()) { server async throws in
            for path in ["/v1/logs", "/v1/logs/1"] {
                let reply = try await server.get(path)
                #expect(reply.status == 503)
                #expect(try reply.json["type"] == "store-unavailable")
            }
        }
    }
}
