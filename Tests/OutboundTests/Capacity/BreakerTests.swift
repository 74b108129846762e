import MartletCore
import MartletTesting
import NIOHTTP1
import Testing

@testable import Outbound

@Suite struct BreakerTests {
    private static func destination() -> Destination {
        Outside.destination {
            $0.retry = .none
            $0.breaker.window = 4
            $0.breaker.callsMin = 4
            $0.breaker.failureRate = 1
            $0.breaker.probes = 1
        }
    }

    @Test("H0-5, S0-60: answers that blame the request never open the circuit; failures of the other side do, and one probe closes it")
    func circuit() async throws {
        let script: HostileServer.Script = { request in
            switch request.number {
            case ...8: [.answer(request.number % 2 == 0 ? 400 : 422)]
            case ...12: [.answer(500)]
            default: [.answer()]
            }
        }
        try await HostileServer.run(script) { server in
            try await Outside.still { outside async throws in
                let request = OutboundRequest(.POST, server.url, to: Self.destination())
                for _ in 1...12 { _ = try await outside.client.reply(to: request) }
                for _ in 1...20 {
                    #expect(
                        await failure { try await outside.client.reply(to: request) }
                            == .refused(Scope(destination: "test"), retryAfter: .seconds(30), .circuit))
                }
                #expect(server.requests.count == 12)
                outside.clock.advance(by: .seconds(30))
                for _ in 1...3 { #expect(try await outside.client.reply(to: request).status == 200) }
            }
        }
    }

    @Test func `half open it lets one probe through, not everybody`() async throws {
        try await HostileServer.run({ request in request.number <= 4 ? [.answer(500)] : [] }) { server in
            try await Outside.still { outside async throws in
                let request = OutboundRequest(.POST, server.url, to: Self.destination())
                for _ in 1...4 { _ = try await outside.client.reply(to: request) }
                outside.clock.advance(by: .seconds(30))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await outside.client.reply(to: request) }
                    await server.waitForRequests(5)
                    for _ in 1...5 {
                        guard case .refused(_, _, .circuit)? = await failure({ try await outside.client.reply(to: request) }) else {
                            throw Unexpected("a second probe went through")
                        }
                    }
                    group.cancelAll()
                    while await group.nextResult() != nil {}
                }
                #expect(server.requests.count == 5)
            }
        }
    }

    @Test func `a server that is gone opens the circuit of its origin alone`() async throws {
        try await HostileServer.run({ _ in [.answer()] }) { server in
            try await Outside.real { outside async throws in
                let gone = OutboundRequest(.POST, "http://127.0.0.1:1/", to: Self.destination())
                for _ in 1...4 {
                    #expect(await failure { try await outside.client.reply(to: gone) }.map { CallEnd(error: $0).name } == "connection")
                }
                guard case .refused(_, _, .circuit)? = await failure({ try await outside.client.reply(to: gone) }) else {
                    throw Unexpected("the circuit is not open")
                }
                #expect(try await outside.client.reply(to: OutboundRequest(.POST, server.url, to: Self.destination())).status == 200)
            }
        }
    }
}
