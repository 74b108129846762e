import MartletCore
import NIOCore
import NIOHTTP1
import Testing

@testable import Outbound

@Suite struct RedirectTests {
    private static let secrets: HTTPHeaders = ["Authorization": "Bearer secret", "Cookie": "id=secret", "X-Api-Key": "secret", "Accept": "text/html"]

    @Test func `a redirect inside the origin keeps everything`() async throws {
        try await HostileServer.run({ $0.uri == "/" ? [.answer(307, [("Location", "/next")])] : [.answer()] }) { server in
            try await Outside.real { outside async throws in
                let request = OutboundRequest(
                    .PUT, server.url, to: Outside.destination(), headers: Self.secrets, body: .bytes(ByteBuffer(string: "body")))
                #expect(try await outside.client.reply(to: request).status == 200)
                let last = try #require(server.requests.last)
                #expect(last.uri == "/next")
                #expect(last.method == .PUT)
                #expect(last.body == ByteBuffer(string: "body"))
                #expect(last.headers.first(name: "Authorization") == "Bearer secret")
            }
        }
    }

    @Test func `another origin is told no credential`() async throws {
        try await HostileServer.run({ _ in [.answer()] }) { other in
            let location = "http://localhost.test:\(other.port)/next"
            try await HostileServer.run({ _ in [.answer(302, [("Location", location)])] }) { server in
                try await Outside.real(resolver: ScriptedResolver { _, _ in ["127.0.0.1"] }) { outside async throws in
                    var request = OutboundRequest(.GET, server.url, to: Outside.destination(), headers: Self.secrets)
                    request.idempotencyKey = "secret"
                    #expect(try await outside.client.reply(to: request).status == 200)
                    let last = try #require(other.requests.last)
                    #expect(last.headers.first(name: "Accept") == "text/html")
                    #expect(!"\(last.headers)".contains("secret"))
                }
            }
        }
    }

    @Test func `a body is not handed to another origin`() async throws {
        try await HostileServer.run({ _ in [.answer()] }) { other in
            try await HostileServer.run({ _ in [.answer(307, [("Location", other.url)])] }) { server in
                try await Outside.real { outside async throws in
                    let request = OutboundRequest(.POST, server.url, to: Outside.destination(), body: .bytes(ByteBuffer(string: "secret")))
                    let error = await failure { try await outside.client.reply(to: request) }
                    #expect(error.map { CallEnd(error: $0).name } == "forbidden")
                    #expect(other.requests.isEmpty)
                }
            }
        }
    }

    @Test(arguments: [
        (301, HTTPMethod.POST, HTTPMethod.GET), (302, .POST, .GET), (303, .PUT, .GET), (307, .POST, .POST), (308, .POST, .POST), (301, .PUT, .PUT),
    ])
    func `the method follows the status`(status: Int, method: HTTPMethod, then: HTTPMethod) throws {
        let next = try RedirectRule.next(
            HTTPResponseStatus(statusCode: status), location: "/x", from: Target("https://a.example/"), method, ["Content-Type": "text/plain"],
            hasBody: true)
        #expect(next?.method == then)
        #expect(next?.keepsBody == (then == method))
        #expect(next?.headers.contains(name: "Content-Type") == (then == method))
    }

    @Test func `https never leads to http`() throws {
        #expect(throws: OutboundError.self) {
            try RedirectRule.next(.found, location: "http://a.example/", from: Target("https://a.example/"), .GET, [:], hasBody: false)
        }
    }

    @Test func `redirects without end are given up`() async throws {
        try await HostileServer.run({ _ in [.answer(302, [("Location", "/again")])] }) { server in
            try await Outside.real { outside async throws in
                let request = OutboundRequest(.GET, server.url, to: Outside.destination { $0.redirectsMax = 3 })
                #expect(await failure { try await outside.client.reply(to: request) } == .redirectRefused("there were more than 3"))
                #expect(server.requests.count == 4)
            }
        }
    }

    @Test func `a destination that follows none hands the redirect to its caller`() async throws {
        try await HostileServer.run({ _ in [.answer(302, [("Location", "/again")])] }) { server in
            try await Outside.real { outside async throws in
                let request = OutboundRequest(.GET, server.url, to: Outside.destination { $0.redirectsMax = 0 })
                #expect(try await outside.client.reply(to: request).status == 302)
            }
        }
    }
}
