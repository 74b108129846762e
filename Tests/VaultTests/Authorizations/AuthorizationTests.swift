import Database
import Foundation
import MartletCore
import MartletTesting
import Testing

@testable import Vault

@Suite struct AuthorizationTests {
    private static let order = AuthorizationOrder(
        provider: "acme", connection: "mail", redirectURI: "https://us.example.com/callback", session: "browser")

    private func query(_ url: String) throws -> [String: String] {
        let items = try #require(URLComponents(string: url)?.queryItems)
        return Dictionary(uniqueKeysWithValues: items.map { ($0.name, $0.value ?? "") })
    }

    @Test(arguments: TestDatabase.allCases)
    func `H2-7 the verifier of the challenge is sent with the code`(engine: TestDatabase) async throws {
        try await ConnectionScene.with(engine) { scene in
            try await scene.connections.define(ConnectionScene.provider { $0.authorizationFields = ["access_type": "offline"] })
            let link = try await scene.connections.begin(Self.order)
            #expect(link.url.hasPrefix("https://login.example.com/authorize?"))
            let query = try query(link.url)
            #expect(query["response_type"] == "code")
            #expect(query["client_id"] == "client id")
            #expect(query["state"] == link.state)
            #expect(query["scope"] == "read write")
            #expect(query["access_type"] == "offline")
            #expect(query["code_challenge_method"] == "S256")
            scene.exchange.script(.tokens("access-1", refresh: "refresh-1"))
            let connection = try await scene.connections.complete(AuthorizationCallback(state: link.state, code: "c/o=d"), session: "browser")
            let fields = scene.exchange.received[0].fields
            #expect(fields["grant_type"] == "authorization_code")
            #expect(fields["code"] == "c/o=d")
            #expect(fields["redirect_uri"] == "https://us.example.com/callback")
            let verifier = try #require(fields["code_verifier"])
            #expect(verifier.utf8.count == 43)
            #expect(RandomToken.hash(verifier) == query["code_challenge"])
            #expect(connection.state == .active)
            #expect(connection.version == 1)
            #expect(try await scene.connections.token(for: connection.id).authorization == "Bearer access-1")
        }
    }

    /// RFC 7636, appendix B.
    @Test func `the challenge is the one of the standard`() {
        #expect(RandomToken.hash("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test(arguments: TestDatabase.allCases)
    func `a state is good once, even for two at the same instant`(engine: TestDatabase) async throws {
        try await ConnectionScene.with(engine) { scene in
            try await scene.connections.define(ConnectionScene.provider())
            let link = try await scene.connections.begin(Self.order)
            scene.exchange.script(.tokens("access-1"), .tokens("access-2"))
            let successes = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<5 {
                    group.addTask {
                        do {
                            _ = try await scene.connections.complete(AuthorizationCallback(state: link.state, code: "code"), session: "browser")
                            return true
                        } catch { return (error as? AuthorizationError) != .unknownState }
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(successes == 1)
            #expect(scene.exchange.received.count == 1)
        }
    }

    @Test func `an answer that is late, foreign, another server's, refused or empty ends the authorization without a request`() async throws {
        try await ConnectionScene.with { scene in
            let connections = scene.connections
            try await connections.define(ConnectionScene.provider { $0.issuer = "https://login.example.com" })
            let cases: [(AuthorizationError, String, (String) -> AuthorizationCallback)] = [
                (.otherSession, "another", { AuthorizationCallback(state: $0, code: "code") }),
                (.otherIssuer, "browser", { AuthorizationCallback(state: $0, code: "code", issuer: "https://evil.example.com") }),
                (.denied(code: "access_denied"), "browser", { AuthorizationCallback(state: $0, error: "access_denied") }),
                (.denied(code: "unreadable"), "browser", { AuthorizationCallback(state: $0, error: "<script>") }),
                (.noCode, "browser", { AuthorizationCallback(state: $0) }),
            ]
            for (expected, session, callback) in cases {
                let state = try await connections.begin(Self.order).state
                await #expect(throws: expected) { _ = try await connections.complete(callback(state), session: session) }
                await #expect(throws: AuthorizationError.unknownState) {
                    _ = try await connections.complete(AuthorizationCallback(state: state, code: "code"), session: "browser")
                }
            }
            let state = try await connections.begin(Self.order).state
            scene.clock.advance(by: .seconds(601))
            await #expect(throws: AuthorizationError.expired) {
                _ = try await connections.complete(AuthorizationCallback(state: state, code: "code"), session: "browser")
            }
            #expect(scene.exchange.received.isEmpty)
            #expect(try await connections.connection(named: "mail") == nil)
        }
    }

    @Test func `a code that the provider refuses, or does not answer for, is not sent twice`() async throws {
        try await ConnectionScene.with { scene in
            try await scene.connections.define(ConnectionScene.provider())
            for (answer, expected) in [
                (
                    ScriptedExchange.Answer.error("invalid_grant"),
                    AuthorizationError.refused(reason: "the provider refuses the grant (invalid_grant)")
                ),
                (.error("invalid_client", status: 401), .refused(reason: "invalid_client, 401")),
                (.lost, .unanswered(reason: "no reply in time")), (.reply(500, ""), .unanswered(reason: "the server failed (500)")),
            ] {
                let before = scene.exchange.received.count
                let state = try await scene.connections.begin(Self.order).state
                scene.exchange.script(answer)
                await #expect(throws: expected) {
                    _ = try await scene.connections.complete(AuthorizationCallback(state: state, code: "code"), session: "browser")
                }
                #expect(scene.exchange.received.count == before + 1)
            }
        }
    }

    @Test func `pending authorizations have a bound, and leave nothing behind`() async throws {
        try await ConnectionScene.with { scene in
            try await scene.connections.define(ConnectionScene.provider())
            var states: [String] = []
            for _ in 0..<8 {
                states.append(try await scene.connections.begin(Self.order).state)
                scene.clock.advance(by: .seconds(1))
            }
            func count(_ table: SQLCount) async throws -> Int {
                try await scene.base.database.read { try $0.rows(table.sql)[0].get(0) }
            }
            #expect(try await count(.authorizations) == 5)
            #expect(try await count(.verifiers) == 5)
            await #expect(throws: AuthorizationError.unknownState) {
                _ = try await scene.connections.complete(AuthorizationCallback(state: states[2], code: "code"), session: "browser")
            }
            scene.clock.advance(by: .seconds(700))
            var other = Self.order
            other.connection = "other"
            _ = try await scene.connections.begin(other)
            #expect(try await count(.authorizations) == 1)
            #expect(try await count(.verifiers) == 1)
        }
    }

    @Test func `S2-44 a parameter that would change the host is refused before a user is sent anywhere`() async throws {
        try await ConnectionScene.with { scene in
            try await scene.connections.define(ConnectionScene.provider { $0.tokenEndpoint = "https://{entity_id}.example.com/token" })
            for parameters in [[:], ["entity_id": "evil.com/"], ["entity_id": "a@evil"]] as [[String: String]] {
                var order = Self.order
                order.parameters = parameters
                await #expect(throws: ConnectionError.self) { _ = try await scene.connections.begin(order) }
                await #expect(throws: ConnectionError.self) {
                    _ = try await scene.connections.connect("service", provider: "acme", parameters: parameters)
                }
            }
            var order = Self.order
            order.parameters = ["entity_id": "Acme"]
            let link = try await scene.connections.begin(order)
            scene.exchange.script(.tokens("access-1"))
            _ = try await scene.connections.complete(AuthorizationCallback(state: link.state, code: "code"), session: "browser")
            #expect(scene.exchange.received[0].request.url == "https://acme.example.com/token")
        }
    }

    @Test func `S2-48 each tenant has its own connections and providers, and shares those of everybody`() async throws {
        try await ConnectionScene.with { scene in
            let connections = scene.connections
            try await connections.define(ConnectionScene.provider())
            try await connections.define(ConnectionScene.provider { $0.tokenEndpoint = "https://own.example.com/token" }, tenant: "b")
            scene.exchange.script(.tokens("a"), .tokens("b"))
            let first = try await connections.connect("service", provider: "acme", tenant: "a")
            let second = try await connections.connect("service", provider: "acme", tenant: "b")
            _ = try await connections.token(for: first.id)
            _ = try await connections.token(for: second.id)
            #expect(scene.exchange.received.map(\.request.url) == ["https://login.example.com/token", "https://own.example.com/token"])
            #expect(try await connections.list(tenant: "a").map(\.id) == [first.id])
            #expect(try await connections.list(tenant: "b").map(\.id) == [second.id])
            #expect(try await connections.connection(named: "service", tenant: "c") == nil)
            #expect(try await connections.provider("acme", tenant: "b").tokenEndpoint == "https://own.example.com/token")
            #expect(try await connections.provider("acme", tenant: "b").clientSecret == nil)
            await #expect(throws: ConnectionError.notFound("provider 'none'")) { _ = try await connections.connect("x", provider: "none") }
        }
    }

    @Test func `a definition that would break the protocol is refused`() async throws {
        try await ConnectionScene.with { scene in
            let faults: [(inout OAuthProvider) -> Void] = [
                { $0.name = "" }, { $0.clientID = "" }, { $0.clientSecret = nil }, { $0.authentication = .none }, { $0.scopes = ["a b"] },
                { $0.authorizationFields = ["state": "x"] }, { $0.tokenFields = ["grant_type": "x"] }, { $0.tokenEndpoint = "http://example.com/" },
                { $0.rotation = .always(grace: .seconds(-1)) }, { $0.defaultLifetime = .zero }, { $0.revocationEndpoint = "nowhere" },
            ]
            for fault in faults {
                await #expect(throws: ConnectionError.self) { try await scene.connections.define(ConnectionScene.provider(fault)) }
            }
        }
    }

    @Test func `H2-8 no token, code, verifier or secret is in a log, an event, an error or a stolen database`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            scene.exchange.script(.tokens("access-2", refresh: "refresh-2"))
            let token = try await scene.connections.token(for: id)
            scene.clock.advance(by: .seconds(3590))
            scene.exchange.script(.error("invalid_grant"))
            let failure = await #expect(throws: ConnectionError.self) { try await scene.connections.token(for: id) }
            var texts = [
                scene.logs.text, "\(String(describing: failure))", "\(token)", String(decoding: try await scene.base.stolenBytes(), as: UTF8.self),
            ]
            for received in scene.exchange.received {
                var dumped = ""
                dump(received.request, to: &dumped)
                texts += [dumped, "\(received.request)"]
            }
            for stream in ["audit", "connection/\(id)"] {
                texts += try await scene.store.read(stream, after: 0, limit: 100).events.map(\.data.text)
            }
            #expect(texts[0].contains("connection"))
            let verifier = try #require(scene.exchange.received[0].fields["code_verifier"])
            for secret in ["access-", "refresh-", "cl13nt", verifier, "s3cret text"] {
                for text in texts { #expect(!text.contains(secret), "\(text)") }
            }
        }
    }

    @Test func `a revoked connection is ended at the provider too, or says that this is not certain`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected { $0.revocationEndpoint = "https://login.example.com/revoke" }.id
            scene.exchange.script(.reply(200, ""))
            try await scene.connections.revoke(id)
            #expect(scene.exchange.received[1].request.url == "https://login.example.com/revoke")
            #expect(scene.exchange.received[1].fields == ["token": "refresh-1", "token_type_hint": "refresh_token"])
            await #expect(throws: ConnectionError.revoked(id)) { _ = try await scene.connections.token(for: id) }
            _ = try await scene.connected { $0.revocationEndpoint = "https://login.example.com/revoke" }
            scene.exchange.script(.lost)
            await #expect(throws: ConnectionError.revocationUnconfirmed(id, reason: "no reply in time")) { try await scene.connections.revoke(id) }
            #expect(try await scene.connections.connection(id).state == .revoked)
        }
    }
}
