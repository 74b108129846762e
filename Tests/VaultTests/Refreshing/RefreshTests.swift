import MartletCore
import MartletTesting
import Testing

@testable import Vault

/// Whole refreshes over a scripted token endpoint.
@Suite struct RefreshTests {
    @Test(arguments: TestDatabase.allCases)
    func `S0-8 S2-45 many callers and a sweep share one request, which is given 15 s`(engine: TestDatabase) async throws {
        try await ConnectionScene.with(engine) { scene in
            let id = try await scene.connected().id
            #expect(try await scene.connections.token(for: id).value == "access-1")
            #expect(scene.exchange.received.count == 1)
            scene.clock.advance(by: .seconds(3590))
            let tokens = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 { group.addTask { try await scene.connections.token(for: id, within: .seconds(600)).value } }
                await scene.exchange.wait(for: 2)
                try await scene.connections.refreshDue()
                scene.exchange.release(.tokens("access-2", refresh: "refresh-2"))
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(tokens == ["access-2"])
            #expect(scene.exchange.received.count == 2)
            let refresh = scene.exchange.received[1]
            #expect(refresh.limit == .seconds(15))
            #expect(refresh.fields == ["grant_type": "refresh_token", "refresh_token": "refresh-1"])
            #expect(refresh.request.headers.contains { $0.name == "Authorization" && $0.value == "Basic Y2xpZW50JTIwaWQ6Y2wxM250JTNBczNjcmV0" })
            // The token that was replaced is not shown again.
            scene.clock.advance(by: .seconds(3590))
            scene.exchange.script(.tokens("access-3", refresh: "refresh-3"))
            #expect(try await scene.connections.token(for: id).value == "access-3")
            #expect(scene.exchange.received[2].fields["refresh_token"] == "refresh-2")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `the new refresh token is in the database before anybody has the access token`(engine: TestDatabase) async throws {
        try await ConnectionScene.with(engine) { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            scene.exchange.script(.tokens("access-2", refresh: "refresh-2"))
            let token = try await scene.connections.token(for: id)
            let stored = try await scene.connections.load(id)
            #expect(stored.tokens == TokenSet(access: Secret("access-2"), refresh: Secret("refresh-2")))
            #expect(stored.row.version == token.version)
            #expect(stored.row.unanswered == 0)
            #expect(stored.row.rotates)
            #expect(try await scene.connections.connection(id).state == .active)
        }
    }

    @Test func `a request that is about to go out is written down first`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            async let token = scene.connections.token(for: id)
            await scene.exchange.wait(for: 2)
            let row = try await scene.connections.load(id).row
            #expect(row.state == .refreshing)
            #expect(row.unanswered == 1)
            #expect(row.unansweredSince == scene.clock.now())
            scene.exchange.release(.tokens("access-2"))
            #expect(try await token.value == "access-2")
            // A server that leaves the refresh token out has not replaced it.
            #expect(try await scene.connections.load(id).tokens?.refresh == Secret("refresh-1"))
        }
    }

    @Test func `S2-42 H2-5 a server that is busy, then unreachable, is asked again, and the refresh comes through`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            scene.exchange.script(.reply(429, "slow down"), .unreachable, .reply(503, "<html>"), .tokens("access-2"))
            async let token = scene.connections.token(for: id, within: .seconds(60))
            // The sweep, the caller's deadline and the pause between two requests.
            for count in 2...4 {
                await scene.exchange.wait(for: count)
                try await scene.wakeNext(sleepers: 3)
            }
            #expect(try await token.value == "access-2")
            #expect(scene.exchange.received.count == 5)
            let connection = try await scene.connections.connection(id)
            #expect(connection.state == .active)
            #expect(connection.failures == 0)
        }
    }

    @Test func `S2-46 a provider that is down fails the caller before its deadline, and is then left alone`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            scene.exchange.script(.unreachable, .unreachable)
            let before = scene.clock.uptime()
            async let token = Outcome.of { try await scene.connections.token(for: id, within: .seconds(3)) }
            await scene.exchange.wait(for: 2)
            try await scene.wakeNext(sleepers: 3)
            let failure = await token.failure
            guard case .unavailable(id, reason: "connection refused", let delay)? = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            #expect(scene.clock.uptime() - before < .seconds(3))
            #expect(delay >= .milliseconds(2500) && delay <= .seconds(5))
            // The next caller is told without a request.
            await #expect(throws: ConnectionError.self) { try await scene.connections.token(for: id) }
            #expect(scene.exchange.received.count == 3)
            #expect(try await scene.events("connection/\(id)") == ["connection.active", "connection.failing"])
            // And when it is time, it works again.
            scene.clock.advance(by: .seconds(5))
            scene.exchange.script(.tokens("access-2"))
            #expect(try await scene.connections.token(for: id).value == "access-2")
            #expect(try await scene.connections.connection(id).reason == nil)
        }
    }

    @Test func `S2-46 a server that hangs costs the caller its deadline and the grant nothing`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            let before = scene.clock.uptime()
            async let token = Outcome.of { try await scene.connections.token(for: id, within: .seconds(2)) }
            await scene.exchange.wait(for: 2)
            try await scene.wakeNext(sleepers: 2)
            let failure = await token.failure
            #expect(failure == .deadline(id))
            #expect(scene.clock.uptime() - before < .seconds(2))
            // The refresh has gone on without the caller: its reply is not lost.
            scene.exchange.release(.tokens("access-2", refresh: "refresh-2"))
            #expect(try await scene.connections.token(for: id).value == "access-2")
            #expect(scene.exchange.received.count == 2)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `S2-47 invalid_grant is the end: no token any more, the owner and the operator are told`(engine: TestDatabase) async throws {
        try await ConnectionScene.with(engine) { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            scene.exchange.script(.error("invalid_grant"))
            let reason = "the provider refuses the grant (invalid_grant)"
            for _ in 0..<2 {
                await #expect(throws: ConnectionError.needsReconnect(id, reason: reason)) { try await scene.connections.token(for: id) }
            }
            #expect(scene.exchange.received.count == 2)
            let connection = try await scene.connections.connection(id)
            #expect(connection.state == .needsReconnect)
            #expect(connection.refreshAt == nil)
            #expect(try await scene.connections.load(id).tokens == nil)
            #expect(try await scene.events(connection.stream) == ["connection.active", "connection.needs-reconnect"])
            #expect(try await scene.events("audit") == ["connection.active", "connection.needs-reconnect"])
            let event = try await scene.store.read("audit", after: 1, limit: 1).events[0]
            #expect(event.data.json["reason"]?.stringValue == reason)
            #expect(event.data.json["name"]?.stringValue == "mail")
            // Authorized again it is the same connection.
            #expect(try await scene.connected().id == id)
            #expect(try await scene.connections.token(for: id).value == "access-1")
        }
    }

    @Test func `S2-47 a refused client is not a lost grant: mended, every connection works on`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            scene.exchange.script(.error("invalid_client", status: 401))
            await #expect(throws: ConnectionError.refused(id, reason: "invalid_client, 401")) { try await scene.connections.token(for: id) }
            let connection = try await scene.connections.connection(id)
            #expect(connection.state == .active)
            #expect(connection.reason == "invalid_client, 401")
            #expect(try await scene.events("audit").last == "connection.refused")
            try await scene.connections.define(ConnectionScene.provider { $0.clientSecret = Secret("right") })
            scene.exchange.script(.tokens("access-2"))
            #expect(try await scene.connections.token(for: id).value == "access-2")
        }
    }

    @Test(arguments: [ScriptedExchange.Answer.lost, .reply(500, "oops"), .reply(200, "<html>")])
    func `H2-6 S2-47 after a lost reply it is asked once more, then the connection is uncertain and says so`(
        answer: ScriptedExchange.Answer
    ) async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected { $0.rotation = .always(grace: .seconds(60)) }.id
            scene.clock.advance(by: .seconds(3300))
            scene.exchange.script(answer, answer)
            try await scene.connections.refreshDue()
            await scene.exchange.wait(for: 2)
            // The sweep and the pause before the second request.
            try await scene.wakeNext(sleepers: 2)
            await scene.exchange.wait(for: 3)
            // The stored token is good for a while yet, and told as such.
            #expect(try await scene.connections.token(for: id).value == "access-1")
            scene.clock.advance(by: .seconds(300))
            let failure = await #expect(throws: ConnectionError.self) { try await scene.connections.token(for: id) }
            guard case .uncertain(id, _)? = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            try await scene.connections.refreshDue()
            #expect(scene.exchange.received.count == 3)
            #expect(try await scene.connections.connection(id).state == .uncertain)
            #expect(try await scene.events("audit").last == "connection.uncertain")
            // Somebody decides to ask once more all the same.
            try await scene.connections.retry(id)
            scene.exchange.script(.tokens("access-2", refresh: "refresh-2"))
            #expect(try await scene.connections.token(for: id).value == "access-2")
        }
    }

    @Test func `H2-6 without a grace there is no second request`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected { $0.rotation = .always(grace: .zero) }.id
            scene.clock.advance(by: .seconds(3590))
            scene.exchange.script(.lost)
            await #expect(throws: ConnectionError.uncertain(id, reason: "no reply in time")) { try await scene.connections.token(for: id) }
            #expect(scene.exchange.received.count == 2)
        }
    }

    @Test func `a lost reply that the second request makes up for is forgotten`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            scene.exchange.script(.lost, .tokens("access-2", refresh: "refresh-2"))
            async let token = scene.connections.token(for: id)
            await scene.exchange.wait(for: 2)
            try await scene.wakeNext(sleepers: 3)
            #expect(try await token.value == "access-2")
            #expect(try await scene.connections.load(id).row.unanswered == 0)
        }
    }

    @Test func `S2-43 client credentials are asked for anew, and as often as need be`() async throws {
        try await ConnectionScene.with { scene in
            try await scene.connections.define(
                ConnectionScene.provider {
                    $0.authentication = .post; $0.tokenFields = ["audience": "api"]
                })
            let id = try await scene.connections.connect("service", provider: "acme", scopes: ["read"]).id
            scene.exchange.script(.lost, .reply(500, ""), .tokens("access-1"))
            async let token = scene.connections.token(for: id)
            for count in 1...2 {
                await scene.exchange.wait(for: count)
                try await scene.wakeNext(sleepers: 3)
            }
            #expect(try await token.value == "access-1")
            #expect(
                scene.exchange.received[2].fields == [
                    "grant_type": "client_credentials", "scope": "read", "audience": "api", "client_id": "client id",
                    "client_secret": "cl13nt:s3cret",
                ])
            #expect(!scene.exchange.received[2].request.headers.contains { $0.name == "Authorization" })
            #expect(try await scene.connections.token(for: id).scopes == ["read"])
        }
    }

    @Test func `a token without a refresh token is used to its end, and then its owner is asked`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected(refresh: nil).id
            scene.clock.advance(by: .seconds(3500))
            #expect(try await scene.connections.refreshDue() == 0)
            #expect(try await scene.connections.token(for: id).value == "access-1")
            scene.clock.advance(by: .seconds(50))
            let failure = await #expect(throws: ConnectionError.self) { try await scene.connections.token(for: id) }
            guard case .needsReconnect? = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            #expect(scene.exchange.received.count == 1)
        }
    }

    @Test func `a token that the API refuses, whatever the clock says, is replaced once for all callers`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected().id
            let token = try await scene.connections.token(for: id)
            // This machine's clock went back by a day: by it the token is good for long.
            scene.clock.stepWall(by: .seconds(-86_400))
            #expect(try await scene.connections.token(for: id) == token)
            scene.exchange.script(.tokens("access-2", refresh: "refresh-2"))
            let values = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<5 { group.addTask { try await scene.connections.token(for: id, replacing: token).value } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(values == ["access-2"])
            #expect(scene.exchange.received.count == 2)
        }
    }

    @Test func `due connections are refreshed ahead of their end without anybody asking`() async throws {
        try await ConnectionScene.with(sweeps: .seconds(15)) { scene in
            let id = try await scene.connected().id
            // No sleeper but the sweep: it wakes, finds the connection due between 70 and 85 % of the hour, and asks.
            while scene.exchange.received.count < 2, scene.clock.uptime() < .seconds(3600) {
                try await scene.clock.waitForSleepers(1)
                if scene.clock.uptime() > .seconds(3060) { await scene.exchange.wait(for: 2) } else { scene.clock.advanceToNextSleeper() }
            }
            #expect(scene.clock.uptime() > .seconds(2500))
            scene.exchange.release(.tokens("access-2", refresh: "refresh-2"))
            scene.connections.stop()
            _ = id
        }
    }
}
