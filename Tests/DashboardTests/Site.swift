import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import Martlet
import MartletCore
import MartletTesting
import NIOCore
import NIOEmbedded

@testable import MartletHTTP

/// The dashboard of an engine in memory, asked without a socket.
struct Site {
    let clock = VirtualClock()
    let store: MemoryStore
    let engine: Engine
    private let responder: RouterResponder<APIContext>

    static let authority = "127.0.0.1:8080"
    /// As a browser sends it with a form of this site.
    static let ownForm: HTTPFields = [.origin: "http://127.0.0.1:8080", .fetchSite: "same-origin"]

    /// - Parameter kinds: those that this process has handlers for.
    init(kinds: [String] = ["thumbnail"]) throws {
        let environment = MartletCore.Environment(clock: clock, random: SeededRandom(seed: 7))
        store = MemoryStore(environment: environment)
        engine = Engine(store: store, configuration: EngineConfiguration(node: NodeID("test")), environment: environment)
        for kind in kinds { engine.handle(kind: kind) { _, _ in nil } }
        let router = Router(context: APIContext.self)
        try Dashboard(engine: engine).addRoutes(to: router)
        responder = router.buildResponder()
    }

    func get(_ path: String, headers: HTTPFields = [:]) async throws -> Answer {
        try await send(.get, path, headers, "")
    }

    func post(_ path: String, _ form: String = "", headers: HTTPFields = ownForm) async throws -> Answer {
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        return try await send(.post, path, headers, form)
    }

    private func send(_ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields, _ body: String) async throws -> Answer {
        let head = HTTPRequest(method: method, scheme: "http", authority: Self.authority, path: path, headerFields: headers)
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body)))
        var context = APIContext(source: ApplicationRequestContextSource(channel: EmbeddedChannel(), logger: Logger(label: "test")))
        context.identity = .local
        let response = try await responder.respond(to: request, context: context)
        let collector = Collector()
        try await response.body.write(collector)
        return Answer(status: response.status.code, headers: response.headers, bytes: collector.bytes)
    }
}

/// What the site answered.
struct Answer {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]

    var html: String { String(decoding: bytes, as: UTF8.self) }
}

private final class Collector: ResponseBodyWriter {
    private(set) var bytes: [UInt8] = []

    func write(_ buffer: ByteBuffer) async throws { bytes.append(contentsOf: buffer.readableBytesView) }
    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
