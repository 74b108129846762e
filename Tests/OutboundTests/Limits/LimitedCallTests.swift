import MartletCore
import MartletTesting
import NIOHTTP1
import Synchronization
import Testing

@testable import Outbound

@Suite struct LimitedCallTests {
    /// Four clients as four processes have them, over one store.
    private static func four(_ body: @Sendable ([OutboundClient], VirtualClock) async throws -> Void) async throws {
        let clock = VirtualClock()
        let environment = Environment(clock: clock, random: SeededRandom(seed: 4))
        let store = MemoryStore(environment: environment)
        let clients = (0..<4).map { _ in OutboundClient(store: store, environment: environment, logger: Outside.silent) }
        let result: Result<Void, any Error>
        do { result = .success(try await body(clients, clock)) } catch { result = .failure(error) }
        for client in clients { try await client.shutdown() }
        try result.get()
    }

    @Test("S0-27: between a 429 and its reset the server sees no call of that scope from any of four clients")
    func refusal() async throws {
        try await HostileServer.run({ $0.number == 1 ? [.answer(429, [("Retry-After", "30")])] : [.answer()] }) { server in
            try await Self.four { clients, clock async throws in
                let request = OutboundRequest(.GET, server.url, to: Outside.destination(), credential: "account")
                let reply = try await clients[0].reply(to: request)
                #expect(reply.status == 429)
                #expect(reply.retryAfter == .seconds(30))
                #expect(throws: OutboundError.status(429, destination: "test", retryAfter: .seconds(30))) { try reply.requireSuccess() }
                for _ in 0..<3 {
                    for client in clients {
                        guard case .refused(request.scope, let delay, .limit)? = await failure({ try await client.reply(to: request) }) else {
                            throw Unexpected("a call was sent")
                        }
                        #expect(delay == .seconds(30) - clock.uptime())
                    }
                    clock.advance(by: .seconds(9))
                }
                #expect(server.requests.count == 1)
                // Another credential is another scope.
                let other = OutboundRequest(.GET, server.url, to: Outside.destination(), credential: "other")
                #expect(try await clients[1].reply(to: other).status == 200)
                clock.advance(by: .seconds(3))
                for client in clients { #expect(try await client.reply(to: request).status == 200) }
            }
        }
    }

    @Test("S0-26, S0-40: a limit that was learnt is looked at before every call, in every client")
    func learnt() async throws {
        let headers = [("X-RateLimit-Limit", "4"), ("X-RateLimit-Reset", "60")]
        try await HostileServer.run({ request in
            [.answer(200, headers + [("X-RateLimit-Remaining", "\(max(0, 4 - request.number))")])]
        }) { server in
            try await Self.four { clients, _ async throws in
                let request = OutboundRequest(.GET, server.url, to: Outside.destination(), credential: "account")
                var sent = 0
                for _ in 0..<3 {
                    for client in clients {
                        do {
                            _ = try await client.reply(to: request)
                            sent += 1
                        } catch OutboundError.refused(_, let delay, .limit) {
                            #expect(delay <= .seconds(60))
                        }
                    }
                }
                #expect(sent == server.requests.count)
                #expect((1...4).contains(sent))
            }
        }
    }

    @Test("H0-4: while the store is away nothing is sent blindly")
    func storeAway() async throws {
        try await HostileServer.run({ _ in [.answer()] }) { server in
            let environment = Environment(clock: SystemClock(), random: SeededRandom(seed: 1))
            let store = InterruptedStore(MemoryStore(environment: environment))
            try await Outside.real(store: store) { outside async throws in
                let request = OutboundRequest(.GET, server.url, to: Outside.destination())
                #expect(try await outside.client.reply(to: request).status == 200)
                store.isAway.withLock { $0 = true }
                guard case .refused(_, _, .store)? = await failure({ try await outside.client.reply(to: request) }) else {
                    throw Unexpected("it was sent")
                }
                store.isAway.withLock { $0 = false }
                #expect(try await outside.client.reply(to: request).status == 200)
                #expect(server.requests.count == 2)
            }
        }
    }

    @Test func `a short wait is waited out in place, a long one is refused`() async throws {
        try await HostileServer.run({ _ in [.answer()] }) { server in
            try await Outside.still { outside async throws in
                let destination = Outside.destination {
                    $0.rates = [Rate(count: 10, per: .seconds(5), burst: 1)]
                    $0.patience = .seconds(1)
                }
                let request = OutboundRequest(.GET, server.url, to: destination)
                #expect(try await outside.client.reply(to: request).status == 200)
                let status = try await withThrowingTaskGroup(of: Int.self) { group in
                    group.addTask { try await outside.client.reply(to: request).status }
                    try await outside.clock.waitForSleepers()
                    #expect(server.requests.count == 1)
                    outside.clock.advance(by: .milliseconds(500))
                    return try await group.next() ?? 0
                }
                #expect(status == 200)
                var impatient = destination
                impatient.patience = .milliseconds(499)
                let error = await failure { try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: impatient)) }
                #expect(error == .refused(request.scope, retryAfter: .milliseconds(500), .limit))
            }
        }
    }

    @Test func `what cannot be a scope or a destination is refused with a reason`() async throws {
        try await Outside.real { outside async throws in
            for credential in ["", "a\nb", String(repeating: "x", count: 81)] {
                let request = OutboundRequest(.GET, "http://127.0.0.1:1/", to: Outside.destination(), credential: credential)
                guard case .invalidRequest? = await failure({ try await outside.client.reply(to: request) }) else {
                    throw Unexpected("'\(credential)' was taken")
                }
            }
            let nameless = OutboundRequest(.GET, "http://127.0.0.1:1/", to: Outside.destination(""))
            guard case .invalidRequest? = await failure({ try await outside.client.reply(to: nameless) }) else { throw Unexpected("it was taken") }
            var secure = Outside.destination()
            secure.allowsPlainHTTP = false
            let plain = OutboundRequest(.GET, "http://127.0.0.1:1/", to: secure)
            guard case .invalidRequest? = await failure({ try await outside.client.reply(to: plain) }) else { throw Unexpected("it was sent") }
        }
    }

    @Test func `the names of two scopes are never one stream`() {
        let scopes = [
            Scope(destination: "a", credential: "b/c"), Scope(destination: "a/b", credential: "c"),
            Scope(destination: "a", credential: "b", endpoint: "c"),
            Scope(destination: "a"), Scope(destination: "a", credential: "b"), Scope(destination: "a", endpoint: "b"),
        ]
        #expect(Set(scopes.map(\.stream)).count == scopes.count)
    }
}
