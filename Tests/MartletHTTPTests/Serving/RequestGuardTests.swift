import Martlet
import MartletCore
import MartletHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RequestGuardTests {
    @Test(arguments: ["localhost", "localhost:8080", "127.0.0.1:1", "127.9.9.9", "[::1]:8080", "app.localhost:80", "LOCALHOST", "queue.example.org"])
    func `Requests by a name of this server are answered`(_ host: String) async throws {
        try await TestServer.run {
            $0.hostNames = ["queue.example.org"]
        } _: { server async throws in
            #expect(try await server.get("/healthz", headers: ["Host": host]).status == 200)
        }
    }

    @Test(arguments: [
        "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.256", "10.0.0.1", "[::2]", "127.0.0.1@evil.example",
    ])
    func `Requests by another name are refused, as a page that rebinds its name would send them`(_ host: String) async throws {
        try await TestServer.run { server async throws in
            let reply = try await server.get("/healthz", headers: ["Host": host])
            #expect(reply.status == 421)
            #expect(try reply.problem == "wrong-host")
        }
    }

    @Test(arguments: ["http://evil.example", "http://localhost:3000", "null", "https://localhost.evil.example"])
    func `Pages of other sites change nothing`(_ origin: String) async throws {
        try await TestServer.run { server async throws in
            let headers = ["Origin": origin, "Host": "localhost:8080"]
            let reply = try await server.post("/v1/jobs", #"{"kind":"a","payload":1}"#, headers: headers)
            #expect(reply.status == 403)
            #expect(try reply.problem == "foreign-origin")
            #expect(try await server.memory.overview().queues.isEmpty)
            #expect(try await server.get("/v1/jobs", headers: headers).headers["access-control-allow-origin"] == nil)
        }
    }

    @Test func `The server's own pages may post`() async throws {
        try await TestServer.run { server async throws in
            let own = ["Origin": "http://localhost:8080", "Host": "localhost:8080", "Sec-Fetch-Site": "same-origin"]
            #expect(try await server.post("/v1/jobs", #"{"kind":"a","payload":1}"#, headers: own).status == 201)
            let foreign = try await server.post("/v1/jobs", #"{"kind":"a","payload":1}"#, headers: ["Sec-Fetch-Site": "cross-site"])
            #expect(foreign.status == 403)
        }
    }

    @Test(arguments: ["0.0.0.0", "192.168.1.4", "::", "example.org", "", "127.1"])
    func `An address that other machines can reach is refused before anybody listens`(_ host: String) async throws {
        let engine = Engine(store: MemoryStore(environment: .system), configuration: EngineConfiguration(node: NodeID("server")))
        let server = HTTPServer(engine: engine, configuration: try HTTPConfiguration(host: host, port: 0), logger: TestServer.silent) { _ in
            Issue.record("it listens")
        }
        await #expect(throws: HTTPConfigurationError.notLoopback(host)) { try await server.run() }
    }

    @Test func `The refusal of an address says what to do`() {
        #expect("\(HTTPConfigurationError.notLoopback("0.0.0.0"))".contains("127.0.0.1"))
        #expect(throws: HTTPConfigurationError.invalidPort(70_000)) { try HTTPConfiguration(port: 70_000) }
    }
}
