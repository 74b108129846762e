import MartletCore
import MartletTesting
import NIOCore
import NIOHTTP1
import Testing

@testable import Outbound

@Suite struct RetryTests {
    @Test(arguments: [429, 500, 502, 503, 504]) func `a call is made again until it succeeds`(status: Int) async throws {
        try await HostileServer.run({ $0.number < 3 ? [.answer(status, [("Retry-After", "0")])] : [.answer()] }) { server in
            try await Outside.real { outside async throws in
                #expect(try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: Outside.destination())).status == 200)
                #expect(server.requests.count == 3)
            }
        }
    }

    @Test func `after five attempts the answer is the caller's`() async throws {
        try await HostileServer.run({ _ in [.answer(503)] }) { server in
            try await Outside.real { outside async throws in
                let reply = try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: Outside.destination()))
                #expect(throws: OutboundError.status(503, destination: "test", retryAfter: nil)) { try reply.requireSuccess() }
                #expect(server.requests.count == 5)
            }
        }
    }

    @Test("S0-17: a POST is sent once, with an idempotency key as often as needed")
    func post() async throws {
        try await HostileServer.run({ request in request.headers.contains(name: "Idempotency-Key") ? [.answer(201)] : [.close] }) { server in
            try await Outside.real { outside async throws in
                let body = OutboundBody.bytes(ByteBuffer(string: "post"))
                let request = OutboundRequest(.POST, server.url, to: Outside.destination(), body: body)
                guard case .connection(_, _, mayHaveArrived: true)? = await failure({ try await outside.client.reply(to: request) }) else {
                    throw Unexpected("whether it arrived is not said")
                }
                #expect(server.requests.count == 1)
            }
        }
        try await HostileServer.run({ $0.number < 4 ? [.close] : [.answer(201)] }) { server in
            try await Outside.real { outside async throws in
                let request = OutboundRequest(.POST, server.url, to: Outside.destination(), idempotencyKey: "k-1")
                #expect(try await outside.client.reply(to: request).status == 201)
                let keys = server.requests.map { $0.headers.first(name: "Idempotency-Key") }
                #expect(keys == Array(repeating: "k-1", count: 4))
            }
        }
    }

    @Test func `a stream that cannot be made anew is sent once`() async throws {
        try await HostileServer.run({ _ in [.close] }) { server in
            try await Outside.real { outside async throws in
                let body = OutboundBody.stream(length: nil) { AsyncStream<ByteBuffer> { $0.finish() } }
                let request = OutboundRequest(.PUT, server.url, to: Outside.destination(), body: body)
                #expect(await failure { try await outside.client.reply(to: request) } != nil)
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test func `a destination that fails without end is retried less and less`() async throws {
        try await HostileServer.run({ _ in [.answer(503)] }) { server in
            try await Outside.real { outside async throws in
                let destination = Outside.destination {
                    $0.retry.budget = 5
                    // The budget alone is looked at.
                    $0.breaker.failureRate = 1
                    $0.breaker.window = 64
                    $0.breaker.callsMin = 64
                }
                for _ in 0..<40 { _ = try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: destination)) }
                #expect(server.requests.count <= 40 + 5 + 4)
            }
        }
    }
}
