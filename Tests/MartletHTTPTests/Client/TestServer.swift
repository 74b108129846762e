import HTTPTypes
import Hummingbird
import Logging
import Martlet
import MartletCore
import MartletHTTP
import Records
import ServiceLifecycle

/// A server over a store in memory, on a port of its own, as it runs in production.
struct TestServer: Sendable {
    let engine: Engine
    let memory: MemoryStore
    let port: Int
    private let group: ServiceGroup

    struct DidNotStart: Error {}

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs `body` beside the server.
    static func run<Value: Sendable>(
        _ change: (inout HTTPConfiguration) -> Void = { _ in }, through wrap: (MemoryStore) -> any Store = { $0 },
        access: AccessControl? = nil, metrics: MetricsRegistry = MetricsRegistry(), logs: (any LogSource)? = nil,
        environment: MartletCore.Environment = .system, _ body: @escaping @Sendable (TestServer) async throws -> Value
    ) async throws -> Value {
        let memory = MemoryStore(environment: .system)
        let engine = Engine(
            store: wrap(memory), configuration: EngineConfiguration(node: NodeID("server")), environment: environment, logger: silent)
        var configuration = try HTTPConfiguration(port: 0)
        change(&configuration)
        let ports = AsyncStream.makeStream(of: Int.self)
        let server = HTTPServer(engine: engine, configuration: configuration, access: access, metrics: metrics, logs: logs, logger: silent) {
            ports.continuation.yield($0)
        }
        let services = ServiceGroup(services: [engine, server], logger: silent)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { ports.continuation.finish() }
                try await services.run()
            }
            defer { group.cancelAll() }
            for await port in ports.stream {
                return try await body(TestServer(engine: engine, memory: memory, port: port, group: services))
            }
            throw DidNotStart()
        }
    }

    func stop() async { await group.triggerGracefulShutdown() }

    func send(_ method: String, _ path: String, _ body: String? = nil, headers: [String: String] = [:]) async throws -> Reply {
        try await send(method, path, bytes: body.map { Array($0.utf8) }, headers: headers)
    }

    func send(_ method: String, _ path: String, bytes: [UInt8]?, headers: [String: String] = [:]) async throws -> Reply {
        try await Connection.open(port: port) { connection in
            try await connection.send(method, path, headers: headers.merging(["Connection": "close"]) { own, _ in own }, body: bytes)
            return try Reply(await connection.inbox.readToEnd())
        }
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Reply { try await send("GET", path, headers: headers) }

    func post(_ path: String, _ body: String? = nil, headers: [String: String] = [:]) async throws -> Reply {
        try await send("POST", path, body ?? "", headers: headers)
    }

    /// Enqueues and gives the id.
    func enqueue(_ body: String = #"{"kind":"test","payload":{}}"#) async throws -> String {
        try await post("/v1/jobs", body).json["id"]?.stringValue ?? ""
    }

    /// Claims one job of a kind and gives its id and epoch.
    func claim(_ kind: String = "test") async throws -> (id: String, epoch: Int) {
        let reply = try await post("/v1/claim", #"{"node":"worker","kinds":["\#(kind)"]}"#)
        guard case .array(let jobs)? = try reply.json["jobs"], let job = jobs.first else { return ("", 0) }
        return (job["id"]?.stringValue ?? "", job["lease"]?["epoch"]?.integerValue ?? 0)
    }
}
