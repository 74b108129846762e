import Logging
import MartletCore
import MartletHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LogTests {
    private func logger(_ ring: LogRing) -> Logger {
        Logger(label: "test") { LogRingHandler(label: $0, ring: ring, logLevel: .trace) }
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
        let records = ring.records(limit: .max)
        #expect(records.count == LogRing.capacity && records.first?.sequence == 11 && records.last?.message == "\(LogRing.capacity + 10)")
        logger.info("\(String(repeating: "x", count: 5000))")
        #expect(ring.records(limit: 1).first?.message.utf8.count == 1024)
    }
}
