import MartletCore
import MartletHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct BatchTests {
    @Test func `One bad row of an array holds back no other, and each is answered in its place`() async throws {
        try await TestServer.run { server async throws in
            let reply = try await server.post(
                "/v1/jobs/batch",
                #"[{"kind":"a","payload":1,"key":"k"},{"kind":"a","payload":1,"delay":-1},{"kind":"a","payload":2,"key":"k"},"#
                    + #"{"kind":"","payload":3},{"kind":"b","payload":4}]"#
            )
            #expect(reply.status == 200)
            let answer = try reply.json
            #expect(answer["accepted"] == 2 && answer["duplicates"] == 1 && answer["refused"] == 2)
            guard case .array(let results)? = answer["results"] else {
                Issue.record("no results")
                return
            }
            #expect(results.map { $0["status"]?.integerValue } == [201, 400, 200, 400, 201])
            #expect(results[0]["id"] == results[2]["id"] && results[2]["duplicate"] == true)
            #expect(results[1]["problem"]?["field"] == "delay" && results[3]["problem"]?["field"] == "kind")
            #expect(try await server.memory.overview().queues.first?.counts.ready == 2)
        }
    }

    @Test func `Lines are jobs: empty ones are passed over, and one that is not JSON is refused by itself`() async throws {
        try await TestServer.run { server async throws in
            let lines = "{\"kind\":\"a\",\"payload\":1}\n\n{\"kind\":\"a\"\r\n  \r\n{\"kind\":\"b\",\"payload\":2}"
            let reply = try await server.post("/v1/jobs/batch", lines, headers: ["Content-Type": "application/x-ndjson"])
            let answer = try reply.json
            #expect(answer["accepted"] == 2 && answer["refused"] == 1)
            #expect(answer["results"]?.description.contains("malformed-json") == true)
        }
    }

    @Test func `Ten thousand jobs are accepted in one batch, one more is refused whole`() async throws {
        try await TestServer.run { server async throws in
            let line = "{\"kind\":\"a\",\"payload\":1}\n"
            let headers = ["Content-Type": "application/x-ndjson"]
            let full = try await server.post("/v1/jobs/batch", String(repeating: line, count: 10_000), headers: headers)
            #expect(try full.json["accepted"] == 10_000)
            let over = try await server.post("/v1/jobs/batch", String(repeating: line, count: 10_001), headers: headers)
            #expect(over.status == 413)
            #expect(try over.problem == "payload-too-large")
            #expect(try await server.memory.overview().queues.first?.counts.ready == 10_000)
        }
    }

    @Test func `A batch over its bound of bytes is refused, also where it does not say its length`() async throws {
        try await TestServer.run {
            $0.batchBytesMax = 1000
        } _: { server async throws in
            let body = "[" + String(repeating: " ", count: 1000) + "]"
            #expect(try await server.post("/v1/jobs/batch", body).status == 413)
            let chunked = "3e9\r\n" + String(repeating: "\n", count: 1001) + "\r\n0\r\n\r\n"
            let reply = try await Connection.open(port: server.port) { connection in
                try await connection.send(
                    "POST", "/v1/jobs/batch",
                    headers: ["Transfer-Encoding": "chunked", "Content-Type": "application/x-ndjson", "Connection": "close"])
                try await connection.sendText(chunked)
                return try Reply(await connection.inbox.readToEnd())
            }
            #expect(reply.status == 413)
        }
    }

    @Test func `Something else than an array, or another content type, is refused`() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.post("/v1/jobs/batch", "{}").status == 400)
            #expect(try await server.post("/v1/jobs/batch", "a,b", headers: ["Content-Type": "text/csv"]).status == 415)
            #expect(try await server.post("/v1/jobs/batch", "[]").json["results"] == [])
        }
    }
}
