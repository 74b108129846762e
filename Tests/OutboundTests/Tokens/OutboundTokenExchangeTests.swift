import MartletCore
import NIOCore
import NIOHTTP1
import OutboundTokens
import Testing

@testable import Outbound
@testable import Vault

@Suite struct OutboundTokenExchangeTests {
    private static func request(_ url: String) throws -> TokenRequest {
        let provider = OAuthProvider(name: "acme", tokenEndpoint: url, clientID: "client\u{7}", clientSecret: Secret("s3cret"))
        return try TokenRequest(url, [("grant_type", "client_credentials")], of: provider, [:])
    }

    private static func post(_ url: String, within limit: Duration = .seconds(300), _ outside: Outside) async throws -> TokenReply {
        try await OutboundTokenExchange(outside.client, networks: Outside.loopback).post(request(url), within: limit)
    }

    private static func failure(_ url: String, within limit: Duration = .seconds(300), _ outside: Outside) async throws -> TokenExchangeFailure? {
        do {
            _ = try await post(url, within: limit, outside)
            return nil
        } catch let error as TokenExchangeFailure {
            return error
        }
    }

    @Test func `a form is posted once, whatever is answered, and no redirect is followed`() async throws {
        for status in [200, 307, 400, 429, 500, 503] {
            try await HostileServer.run({ _ in [.answer(status, [("Retry-After", "7"), ("Location", "/elsewhere")], "{}")] }) { server in
                try await Outside.real { outside async throws in
                    let reply = try await Self.post("\(server.url)/token", outside)
                    #expect(reply.status == status && reply.retryAfter == "7" && reply.body == Array("{}".utf8))
                }
                #expect(server.requests.count == 1)
                #expect(server.requests.first?.headers["Content-Type"] == ["application/x-www-form-urlencoded"])
                #expect(server.requests.first.map { String(buffer: $0.body) } == "grant_type=client_credentials")
            }
        }
    }

    @Test func `what was never sent is told apart from what may have been`() async throws {
        try await Outside.real { outside async throws in
            #expect(try await Self.failure("http://127.0.0.1:1/token", outside)?.mayHaveReached == false)
            #expect(try await Self.failure("https://10.0.0.1/token", outside)?.mayHaveReached == false)
        }
        try await HostileServer.run({ _ in [.close] }) { server in
            try await Outside.real { outside async throws in
                #expect(try await Self.failure("\(server.url)/token", outside)?.mayHaveReached == true)
            }
        }
        try await HostileServer.run({ _ in [] }) { server in
            try await Outside.real { outside async throws in
                #expect(try await Self.failure("\(server.url)/token", within: .milliseconds(300), outside)?.mayHaveReached == true)
            }
        }
        let long = String(repeating: " ", count: TokenReply.bodyBytesMax + 1)
        try await HostileServer.run({ _ in [.answer(200, [], long)] }) { server in
            try await Outside.real { outside async throws in
                #expect(try await Self.failure("\(server.url)/token", outside)?.mayHaveReached == true)
            }
        }
    }

    @Test func `without leave it goes to no private network`() async throws {
        try await Outside.real { outside async throws in
            for url in ["http://127.0.0.1:1/token", "https://127.0.0.1:1/token", "https://169.254.169.254/token"] {
                let error = await #expect(throws: TokenExchangeFailure.self) {
                    try await OutboundTokenExchange(outside.client).post(Self.request(url), within: .seconds(300))
                }
                #expect(error?.mayHaveReached == false)
                #expect(error.map { !"\($0)".contains("s3cret") } == true)
            }
        }
    }

    @Test func `a server that asks for patience is left alone, and other clients of it are not`() async throws {
        try await HostileServer.run({ _ in [.answer(429, [("Retry-After", "60")], "{}")] }) { server in
            try await Outside.real { outside async throws in
                #expect(try await Self.post("\(server.url)/token", outside).status == 429)
                let refused = try await Self.failure("\(server.url)/token", outside)
                #expect(refused?.mayHaveReached == false)
                #expect((refused?.retryAfter ?? .zero) > .seconds(50))
                let other = OAuthProvider(name: "acme", tokenEndpoint: server.url, clientID: "other", clientSecret: Secret("s3cret"))
                let request = try TokenRequest("\(server.url)/token", [], of: other, [:])
                let exchange = OutboundTokenExchange(outside.client, networks: Outside.loopback)
                #expect(try await exchange.post(request, within: .seconds(300)).status == 429)
            }
        }
    }
}
