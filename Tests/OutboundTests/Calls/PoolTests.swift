import MartletCore
import MartletTesting
import NIOHTTP1
import Testing

@testable import Outbound

@Suite struct PoolTests {
    @Test("S0-18: calls to one destination share their connections, whatever became of the answers")
    func keepAlive() async throws {
        try await HostileServer.run({ request in [.answer(request.number % 3 == 0 ? 503 : 200, [], String(repeating: "x", count: 5000))] }) {
            server in
            try await Outside.real { outside async throws in
                for _ in 0..<50 { _ = try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: Outside.destination())) }
                #expect(server.requests.count > 50)
                #expect(server.connections == 1)
            }
        }
    }

    @Test func `a pool that is full lets go of an address that nobody uses`() async throws {
        var configuration = OutboundConfiguration()
        configuration.poolsMax = 2
        try await HostileServer.run({ _ in [.answer()] }) { server in
            try await Outside.real(resolver: ScriptedResolver { _, _ in ["127.0.0.1"] }, configuration: configuration) { outside async throws in
                for host in ["a", "b", "c", "a", "b", "c"] {
                    let request = OutboundRequest(.GET, "http://\(host).test:\(server.port)/", to: Outside.destination())
                    #expect(try await outside.client.reply(to: request).status == 200)
                }
                #expect(server.connections == 6)
            }
        }
    }

    @Test func `a pinned connection asks for the certificate of the host, not of the address`() async throws {
        var configuration = OutboundConfiguration()
        configuration.trustRoots = [try PinnedCertificate.certificate()]
        try await HostileServer.run({ _ in [.answer()] }, tls: try PinnedCertificate.context()) { server in
            try await Outside.real(resolver: ScriptedResolver { _, _ in ["127.0.0.1"] }, configuration: configuration) { outside async throws in
                let destination = Outside.destination { $0.retry = .none }
                let right = OutboundRequest(.GET, "https://pinned.test:\(server.port)/", to: destination)
                #expect(try await outside.client.reply(to: right).status == 200)
                for host in ["other.test", "127.0.0.1"] {
                    let wrong = OutboundRequest(.GET, "https://\(host):\(server.port)/", to: destination)
                    let error = await failure { try await outside.client.reply(to: wrong) }
                    #expect(error.map { CallEnd(error: $0).name } == "connection", "\(String(describing: error))")
                }
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test func `a client that has been shut down says so`() async throws {
        let environment = Environment(clock: SystemClock(), random: SeededRandom(seed: 1))
        let client = OutboundClient(store: MemoryStore(environment: environment), environment: environment, logger: Outside.silent)
        try await client.shutdown()
        let request = OutboundRequest(.GET, "http://127.0.0.1:1/", to: Outside.destination { $0.retry = .none })
        #expect(await failure { try await client.reply(to: request) } == .stopped)
    }
}
