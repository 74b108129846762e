import MartletCore
import Testing

@Suite(.timeLimit(.minutes(1)))
struct APIResponderTests {
    @Test func `A path nobody knows is a problem, and so is a method that a path does not know`() async throws {
        try await TestServer.run { server async throws in
            let missing = try await server.get("/v1/nothing")
            #expect(missing.status == 404)
            #expect(try missing.problem == "not-found")
            let method = try await server.send("DELETE", "/v1/jobs")
            #expect(method.status == 405 && method.headers["allow"] == "GET, HEAD, POST")
            #expect(try method.problem == "method-not-allowed")
            #expect(try await server.send("PUT", "/v1/jobs/7/cancel").headers["allow"] == "POST")
            #expect(try await server.get("/v1/jobs/batch").headers["allow"] == "POST")
            #expect(try await server.post("/v1/streams/a/b").headers["allow"] == "GET, HEAD")
        }
    }

    @Test(arguments: ["/v1/jobs", "/v1/queues", "/healthz", "/openapi.yaml", "/v1/streams/a/b"])
    func `HEAD is answered where GET is, without a body`(_ path: String) async throws {
        try await TestServer.run { server async throws in
            let (head, get) = (try await server.send("HEAD", path), try await server.get(path))
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head.headers["content-length"] == get.headers["content-length"])
            #expect(try await server.send("HEAD", "/v1/jobs?x=1").status == 400)
        }
    }

    @Test func `Every answer has an id, the caller's own where it is sane`() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.get("/healthz").headers["x-request-id"]?.isEmpty == false)
            #expect(try await server.get("/nothing", headers: ["X-Request-Id": "abc-7"]).headers["x-request-id"] == "abc-7")
            let long = String(repeating: "x", count: 200)
            #expect(try await server.get("/healthz", headers: ["X-Request-Id": long]).headers["x-request-id"] != long)
            #expect(try await server.get("/healthz").headers["x-content-type-options"] == "nosniff")
        }
    }

    @Test func `One connection carries many requests, also after refused ones`() async throws {
        try await TestServer.run { server async throws in
            try await Connection.open(port: server.port) { connection in
                for _ in 0..<3 {
                    try await connection.send("POST", "/v1/jobs", body: Array("{".utf8))
                    #expect(try await connection.inbox.read(until: "}").contains("400 Bad Request"))
                    try await connection.send("POST", "/v1/jobs", body: Array(#"{"kind":"a","payload":1}"#.utf8))
                    #expect(try await connection.inbox.read(until: #""waiting_for":null}"#).contains("201 Created"))
                }
            }
        }
    }

    @Test func `The overview shows queues, kinds, nodes and triggers at the store's time`() async throws {
        try await TestServer.run { server async throws in
            _ = try await server.enqueue()
            let overview = try await server.get("/v1/overview").json
            #expect(overview["now"]?.stringValue.flatMap { Timestamp(rfc3339: $0) } != nil)
            #expect(overview["queues"]?.description.contains(#""name":"default""#) == true)
            #expect(overview["nodes"]?.description.hasPrefix("[") == true && overview["triggers"] == [])
            #expect(try await server.get("/readyz").json["status"] == "ready")
        }
    }
}
