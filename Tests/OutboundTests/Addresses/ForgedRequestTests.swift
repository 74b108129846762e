import MartletCore
import MartletTesting
import NIOHTTP1
import Testing

@testable import Outbound

/// Server-side request forgery: what user input makes a request reach.
@Suite struct ForgedRequestTests {
    private static func strict(_ change: (inout Destination) -> Void = { _ in }) -> Destination {
        Outside.destination {
            $0.allowedNetworks = []
            $0.retry = .none
            change(&$0)
        }
    }

    @Test(arguments: ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "0.0.0.0", "[::]", "10.0.0.1"])
    func `a literal private address is refused before anything is sent`(host: String) async throws {
        try await Outside.real { outside async throws in
            let error = await failure { try await outside.client.reply(to: OutboundRequest(.GET, "http://\(host)/", to: Self.strict())) }
            #expect(error.map { CallEnd(error: $0).name } == "forbidden")
        }
    }

    @Test(arguments: ["localhost", "127.1", "0x7f.1", "2130706433"])
    func `a name that means loopback is refused`(host: String) async throws {
        try await Outside.real { outside async throws in
            let error = await failure { try await outside.client.reply(to: OutboundRequest(.GET, "http://\(host)/", to: Self.strict())) }
            // A resolver that does not know the short forms is as good.
            #expect(["forbidden", "connection"].contains(error.map { CallEnd(error: $0).name }))
            if case .connection? = error { Issue.record("it was connected to") }
        }
    }

    @Test func `one private address among public ones refuses the host`() async throws {
        try await Outside.real(resolver: ScriptedResolver { _, _ in ["93.184.216.34", "10.0.0.7"] }) { outside async throws in
            let error = await failure { try await outside.client.reply(to: OutboundRequest(.GET, "http://mixed.test/", to: Self.strict())) }
            #expect(error == .forbiddenAddress(host: "mixed.test", try #require(IPAddress("10.0.0.7"))))
        }
    }

    @Test func `a name that changes its answer is connected to at the address that was checked`() async throws {
        let resolver = ScriptedResolver { _, lookup in lookup == 1 ? ["127.0.0.1"] : ["169.254.169.254"] }
        try await HostileServer.run({ _ in [.answer()] }) { server in
            try await Outside.still(resolver: resolver) { outside async throws in
                let destination = Outside.destination { $0.retry = .none }
                let request = OutboundRequest(.GET, "http://rebinding.test:\(server.port)/", to: destination)
                for _ in 1...3 { #expect(try await outside.client.reply(to: request).status == 200) }
                #expect(resolver.lookups == 1)
                #expect(server.requests.first?.headers.first(name: "Host") == "rebinding.test:\(server.port)")
                // What is remembered is over: the name is looked up again, and its new answer checked again.
                outside.clock.advance(by: .seconds(31))
                let error = await failure { try await outside.client.reply(to: request) }
                #expect(error == .forbiddenAddress(host: "rebinding.test", try #require(IPAddress("169.254.169.254"))))
                #expect(server.requests.count == 3)
            }
        }
    }

    @Test(arguments: ["http://169.254.169.254/latest/meta-data", "http://[::1]:1/", "http://[::ffff:169.254.169.254]/", "http://metadata.test/"])
    func `a redirect to a private address is not followed`(location: String) async throws {
        let resolver = ScriptedResolver { _, _ in ["169.254.169.254"] }
        try await HostileServer.run({ _ in [.answer(302, [("Location", location)])] }) { server in
            try await Outside.real(resolver: resolver) { outside async throws in
                let destination = Self.strict { $0.allowedNetworks = [Network("127.0.0.1/32")].compactMap { $0 } }
                let error = await failure { try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: destination)) }
                #expect(error.map { CallEnd(error: $0).name } == "forbidden")
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test(arguments: ["file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL", "https://user:pass@127.0.0.1/"])
    func `a redirect to another scheme is not followed`(location: String) async throws {
        try await HostileServer.run({ _ in [.answer(302, [("Location", location)])] }) { server in
            try await Outside.real { outside async throws in
                let error = await failure { try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: Outside.destination())) }
                #expect(error.map { CallEnd(error: $0).name } == "forbidden")
            }
        }
    }

    @Test func `an address that does not answer gives way to the next one`() async throws {
        try await HostileServer.run({ _ in [.answer()] }) { server in
            // Nobody listens on 127.0.0.9 at the server's port.
            try await Outside.real(resolver: ScriptedResolver { _, _ in ["127.0.0.9", "127.0.0.1"] }) { outside async throws in
                let request = OutboundRequest(.POST, "http://two.test:\(server.port)/", to: Outside.destination { $0.retry = .none })
                #expect(try await outside.client.reply(to: request).status == 200)
            }
        }
    }
}
