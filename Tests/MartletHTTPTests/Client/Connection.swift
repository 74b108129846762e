import NIOCore
import NIOPosix

/// One connection to a server, byte by byte, so that a test can break it off where it likes.
struct Connection: Sendable {
    let inbox: Inbox
    private let writer: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let channel: any Channel

    /// Closes the connection when `body` returns.
    static func open<Value: Sendable>(port: Int, _ body: @escaping @Sendable (Connection) async throws -> Value) async throws -> Value {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelOption(.socketOption(.so_rcvbuf), value: 32 << 10)
        let channel = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            let inbox = Inbox()
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        for try await buffer in inbound { await inbox.receive(buffer.readableBytesView) }
                    } catch {
                        // Broken off: what has come is all there is.
                    }
                    await inbox.end()
                }
                defer { group.cancelAll() }
                return try await body(Connection(inbox: inbox, writer: outbound, channel: channel.channel))
            }
        }
    }

    func send(_ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8]? = nil) async throws {
        var lines = ["\(method) \(path) HTTP/1.1"]
        var headers = headers
        if headers["Host"] == nil { headers["Host"] = "localhost" }
        if let body { headers["Content-Length"] = "\(body.count)" }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) where !value.isEmpty { lines.append("\(name): \(value)") }
        var buffer = ByteBuffer(string: lines.joined(separator: "\r\n") + "\r\n\r\n")
        if let body { buffer.writeBytes(body) }
        try await writer.write(buffer)
    }

    /// Takes nothing any more from its socket, or again.
    func setReading(_ isReading: Bool) async throws {
        try await channel.setOption(.autoRead, value: isReading).get()
    }

    func sendText(_ text: String) async throws {
        try await writer.write(ByteBuffer(string: text))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await writer.write(ByteBuffer(bytes: bytes))
    }

    /// An answer with a `Content-Length`, of a connection that stays open.
    func reply() async throws -> Reply {
        let head = try await inbox.read(until: "\r\n\r\n")
        let bare = try Reply(Array(head.utf8))
        return try Reply(Array(head.utf8) + (try await inbox.read(count: bare.headers["content-length"].flatMap { Int($0) } ?? 0)))
    }
}
