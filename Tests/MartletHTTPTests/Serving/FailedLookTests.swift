import MartletCore
import MartletHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct FailedLookTests {
    private static let id = "00000000-0000-7000-8000-000000000000"

    @Test(arguments: [
        "/v1/jobs", "/v1/jobs/\(id)", "/v1/jobs/\(id)/events", "/v1/queues", "/v1/queues/a", "/v1/triggers", "/v1/triggers/a", "/v1/streams/s",
        "/v1/overview", "/readyz", "/metrics",
    ])
    func `S3-4: a look that fails is an error with a time to come back, and never nothing`(path: String) async throws {
        try await TestServer.run(through: { _ in UnreachableStore() }) { server async throws in
            let reply = try await server.get(path)
            #expect(reply.status == 503 && reply.headers["retry-after"] == "1", "\(reply.status) \(reply.text)")
            #expect(try reply.problem == "store-unavailable")
            // The process itself is well: whoever supervises it need not end it.
            #expect(try await server.get("/healthz").status == 200)
        }
    }

    @Test(arguments: [("/v1/claim", #"{"node":"w","kinds":["a"]}"#), ("/v1/jobs", #"{"kind":"a","payload":1,"queue":"q"}"#)])
    func `S3-4: where the depth of a queue cannot be known nothing is claimed and nothing accepted`(path: String, body: String) async throws {
        try await TestServer.run(through: { _ in UnreachableStore() }) { server async throws in
            let reply = try await server.post(path, body)
            #expect(reply.status == 503 && reply.headers["retry-after"] == "1")
            #expect(try reply.problem == "store-unavailable")
        }
    }
}
