import MartletCore
import NIOCore
import NIOPosix
import Testing

@Suite(.timeLimit(.minutes(2)))
struct StalledReaderTests {
    /// More than the sockets and the server's buffer for one connection hold.
    private static let events = 1000
    private static let text = String(repeating: "x", count: 20_000)

    /// Runs `body` while a subscriber of the stream takes nothing from its socket.
    private static func stalled(on stream: String, port: Int, _ body: @escaping @Sendable () async throws -> Void) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.socketOption(.so_rcvbuf), value: 4096)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel) }
            }
        try await channel.executeThenClose { inbound, outbound in
            let headers = LiveClient.headers.map { "\($0): \($1)\r\n" }.joined()
            try await outbound.write(ByteBuffer(string: "GET /v1/live HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n"))
            var (reading, seen) = (inbound.makeAsyncIterator(), "")
            while !seen.contains("\r\n\r\n"), let part = try await reading.next() { seen += String(buffer: part) }
            let subscribe = Array(#"{"op":"subscribe","stream":"\#(stream)","after":0}"#.utf8)
            try await outbound.write(ByteBuffer(bytes: Frames.bytes(0x81, subscribe)))
            while !seen.contains("subscribed"), let part = try await reading.next() { seen += String(buffer: part) }
            // From here on nobody asks for more: the channel stops reading, and the server's writes come to a halt.
            try await body()
        }
    }

    /// Every event, in order; only the beginning of each is looked at.
    private static func expectAll(_ client: LiveClient) async throws {
        var next = 1
        while next <= events {
            let head = String(decoding: try await client.next().payload.prefix(300), as: UTF8.self)
            guard head.contains(#""type":"n""#) else { continue }
            try #require(head.contains("\"seq\":\(next),"), "\(next) was expected: \(head.prefix(80))")
            next += 1
        }
    }

    @Test func `H0-13: a socket that stalls delays no other: they get every event while it has taken none`() async throws {
        try await TestServer.run { server async throws in
            try await Self.stalled(on: "s", port: server.port) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let ready = Inbox()
                    for _ in 0..<2 {
                        group.addTask {
                            try await LiveClient.open(port: server.port) { client in
                                try await client.subscribe("s")
                                _ = try await client.nextJSON()
                                await ready.receive([1])
                                try await Self.expectAll(client)
                            }
                        }
                    }
                    _ = try await ready.read(count: 2)
                    let data = Payload(.string(Self.text))
                    for _ in 0..<Self.events / 50 {
                        _ = try await server.memory.append((0..<50).map { _ in NewEvent(stream: "s", type: "n", data: data) })
                    }
                    try await group.waitForAll()
                }
            }
        }
    }
}
