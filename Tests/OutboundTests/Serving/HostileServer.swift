import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A server on loopback that answers each request with the bytes a test wants, true or not.
final class HostileServer: Sendable {
    struct Request: Sendable {
        var number: Int
        var connection: Int
        var method: HTTPMethod
        var uri: String
        var headers: HTTPHeaders
        var body = ByteBuffer()
    }

    enum Step: Sendable {
        case write(String)
        case bytes([UInt8])
        /// Ends the connection with FIN, or with RST.
        case close
        case reset
        /// Writes for as long as the other side reads.
        case endless(String)
    }

    typealias Script = @Sendable (Request) -> [Step]

    private struct State {
        var requests: [Request] = []
        var connections = 0
        var watchers: [(count: Int, wake: CheckedContinuation<Void, Never>)] = []
        var open: [Int: any Channel] = [:]
    }

    private let state = Mutex(State())
    private let script: Script
    private let listener = Mutex<(any Channel)?>(nil)

    private init(_ script: @escaping Script) {
        self.script = script
    }

    /// Runs `body` beside a server and closes all its connections afterwards.
    static func run<Value>(
        _ script: @escaping Script, tls: NIOSSLContext? = nil, _ body: (HostileServer) async throws -> Value
    ) async throws -> Value {
        let server = HostileServer(script)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = server.opened(channel)
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try channel.pipeline.syncOperations.addHandler(Connection(server: server, number: number))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        server.listener.withLock { $0 = channel }
        let result: Result<Value, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        try await channel.close()
        for open in server.state.withLock({ Array($0.open.values) }) { open.close(promise: nil) }
        return try result.get()
    }

    var port: Int { listener.withLock { $0?.localAddress?.port } ?? 0 }
    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { state.withLock { $0.requests } }
    var connections: Int { state.withLock { $0.connections } }

    /// Returns when so many requests have come.
    func waitForRequests(_ count: Int) async {
        await withCheckedContinuation { (wake: CheckedContinuation<Void, Never>) in
            let isThere = state.withLock { state in
                if state.requests.count >= count { return true }
                state.watchers.append((count, wake))
                return false
            }
            if isThere { wake.resume() }
        }
    }

    /// Writes on every open connection.
    func push(_ text: String) {
        for channel in state.withLock({ Array($0.open.values) }) { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }
    }

    private func opened(_ channel: any Channel) -> Int {
        state.withLock { state in
            state.connections += 1
            let number = state.connections
            state.open[number] = channel
            return number
        }
    }

    private func closed(_ number: Int) { state.withLock { $0.open[number] = nil } }

    private func steps(for request: Request) -> [Step] {
        let (numbered, woken) = state.withLock { state in
            var request = request
            request.number = state.requests.count + 1
            state.requests.append(request)
            let count = state.requests.count
            let woken = state.watchers.filter { $0.count <= count }
            state.watchers.removeAll { $0.count <= count }
            return (request, woken)
        }
        for watcher in woken { watcher.wake.resume() }
        return script(numbered)
    }

    private final class Connection: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = ByteBuffer

        private let server: HostileServer
        private let number: Int
        private var request: Request?
        private var endless: ByteBuffer?

        init(server: HostileServer, number: Int) {
            self.server = server
            self.number = number
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                request = Request(number: 0, connection: number, method: head.method, uri: head.uri, headers: head.headers)
            case .body(let part): request?.body.writeImmutableBuffer(part)
            case .end:
                guard let request else { return }
                for step in server.steps(for: request) { perform(step, context) }
                context.flush()
            }
        }

        private func perform(_ step: Step, _ context: ChannelHandlerContext) {
            switch step {
            case .write(let text): context.write(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            case .bytes(let bytes): context.write(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .close:
                context.flush()
                context.close(promise: nil)
            case .reset:
                context.flush()
                let channel = context.channel
                guard let socket = channel as? any SocketOptionProvider else { return context.close(promise: nil) }
                socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
            case .endless(let text):
                endless = ByteBuffer(string: text)
                goOn(context)
            }
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) { goOn(context) }

        private func goOn(_ context: ChannelHandlerContext) {
            guard let endless else { return }
            while context.channel.isWritable, context.channel.isActive { context.writeAndFlush(wrapOutboundOut(endless), promise: nil) }
        }

        func channelInactive(context: ChannelHandlerContext) { server.closed(number) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

extension HostileServer.Step {
    /// A whole and honest answer.
    static func answer(_ status: Int = 200, _ headers: [(String, String)] = [], _ body: String = "ok") -> HostileServer.Step {
        let head = ["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + headers.map { "\($0.0): \($0.1)" }
        return .write(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }
}
