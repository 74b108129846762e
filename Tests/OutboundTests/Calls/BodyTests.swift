import MartletCore
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import Outbound

@Suite struct BodyTests {
    private static func small(_ change: (inout Destination) -> Void = { _ in }) -> Destination {
        Outside.destination("small") {
            $0.responseBytesMax = 1000
            $0.requestBytesMax = 1000
            $0.retry = .none
            change(&$0)
        }
    }

    @Test func `an endless body is cut off at the destination's limit`() async throws {
        let chunk = String(repeating: "x", count: 997)
        try await HostileServer.run({ _ in
            [.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), .endless("3e5\r\n\(chunk)\r\n")]
        }) { server in
            try await Outside.real { outside async throws in
                let error = await failure { try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: Self.small())) }
                #expect(error == .responseTooLarge(destination: "small", bytesMax: 1000))
            }
        }
    }

    @Test func `a body that says it is too large is not read`() async throws {
        try await HostileServer.run({ _ in [.write("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")] }) { server in
            try await Outside.real { outside async throws in
                let error = await failure { try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: Self.small())) }
                #expect(error == .responseTooLarge(destination: "small", bytesMax: 1000))
            }
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nshort", "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n", "not HTTP at all\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "",
    ])
    func `a body that is not what it says is an error, never a short answer`(text: String) async throws {
        try await HostileServer.run({ _ in [.write(text), .close] }) { server in
            try await Outside.real { outside async throws in
                let error = await failure { try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: Self.small())) }
                #expect(error.map { CallEnd(error: $0).name } == "connection", "\(String(describing: error))")
            }
        }
    }

    @Test func `a reset in the middle of a body is an error`() async throws {
        try await HostileServer.run({ _ in [.write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort"), .reset] }) { server in
            try await Outside.real { outside async throws in
                let error = await failure { try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: Self.small())) }
                #expect(error.map { CallEnd(error: $0).name } == "connection")
            }
        }
    }

    @Test func `a whole answer that broke off is asked for again, a part that the caller has seen is not`() async throws {
        let script: HostileServer.Script = { request in
            request.number == 1 ? [.write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort"), .close] : [.answer()]
        }
        try await HostileServer.run(script) { server in
            try await Outside.real { outside async throws in
                #expect(try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: Outside.destination())).status == 200)
                #expect(server.requests.count == 2)
            }
        }
        try await HostileServer.run(script) { server in
            try await Outside.real { outside async throws in
                let error = await failure {
                    try await outside.client.call(OutboundRequest(.GET, server.url, to: Outside.destination())) { try await $0.body.collect() }
                }
                #expect(error.map { CallEnd(error: $0).name } == "connection")
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test func `a decompression bomb is not inflated`() async throws {
        try await HostileServer.run({ _ in
            let body = DeflateBomb.bytes
            return [.write("HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: \(body.count)\r\n\r\n"), .bytes(body)]
        }) { server in
            try await Outside.real { outside async throws in
                let destination = Self.small { $0.responseBytesMax = 1 << 30 }
                let error = await failure { try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: destination)) }
                #expect(error.map { CallEnd(error: $0).name } == "connection")
            }
        }
    }

    @Test func `a body is streamed up as it is made and counted on its way`() async throws {
        try await HostileServer.run({ request in [.answer(200, [], "\(request.body.readableBytes)")] }) { server in
            try await Outside.real { outside async throws in
                let chunks = (1...9).map { _ in ByteBuffer(repeating: 0x61, count: 100) }
                let stream: @Sendable (Int) -> OutboundBody = { count in
                    .stream(length: nil) { Chunks(all: Array(repeating: chunks[0], count: count)) }
                }
                let fits = OutboundRequest(.PUT, server.url, to: Self.small(), body: stream(10))
                #expect(try await outside.client.reply(to: fits).body == ByteBuffer(string: "1000"))
                let tooLarge = OutboundRequest(.PUT, server.url, to: Self.small(), body: stream(11))
                #expect(await failure { try await outside.client.reply(to: tooLarge) } == .requestTooLarge(destination: "small", bytesMax: 1000))
                let known = OutboundRequest(.PUT, server.url, to: Self.small(), body: .bytes(ByteBuffer(repeating: 0, count: 1001)))
                #expect(await failure { try await outside.client.reply(to: known) } == .requestTooLarge(destination: "small", bytesMax: 1000))
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test func `an answer is streamed down as it comes`() async throws {
        try await HostileServer.run({ _ in [.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")] }) { server in
            try await Outside.real { outside async throws in
                let text = try await outside.client.call(OutboundRequest(.GET, server.url, to: Outside.destination())) { response in
                    var text = ""
                    for try await buffer in response.body {
                        text += String(buffer: buffer)
                        // The rest is sent when the first part has been read.
                        if text == "one" { server.push("3\r\ntwo\r\n0\r\n\r\n") }
                    }
                    return text
                }
                #expect(text == "onetwo")
            }
        }
    }

    @Test(arguments: ["a\r\nX-Evil: 1", "a\u{0}b", "a\nb"])
    func `a header value cannot begin another header`(value: String) async throws {
        try await Outside.real { outside async throws in
            let request = OutboundRequest(.GET, "http://127.0.0.1:1/", to: Outside.destination(), headers: ["X-Name": value])
            guard case .invalidRequest? = await failure({ try await outside.client.reply(to: request) }) else { throw Unexpected("it was sent") }
        }
    }
}

private struct Chunks: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    struct AsyncIterator: AsyncIteratorProtocol {
        var left: [ByteBuffer]

        mutating func next() async throws -> ByteBuffer? { left.popLast() }
    }

    let all: [ByteBuffer]

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(left: all) }
}
