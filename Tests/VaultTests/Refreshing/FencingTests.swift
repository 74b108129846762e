import Database
import MartletCore
import MartletTesting
import Testing

@testable import Vault

/// Writes that come too late.
@Suite struct FencingTests {
    @Test(arguments: TestDatabase.allCases)
    func `S2-49 S2-51 S2-52 H2-3 a holder paused past its lease writes nothing when it goes on`(engine: TestDatabase) async throws {
        try await ConnectionScene.with(engine) { scene in
            let id = try await scene.connected { $0.rotation = .always(grace: .seconds(60)) }.id
            scene.clock.advance(by: .seconds(3590))
            // The first holder has asked, and is paused.
            let paused = RefreshFlight(connections: scene.connections, id: id, lease: HeldLease(name: "x", epoch: 7, owner: "paused"))
            async let late = Outcome.of { try await paused.run() }
            await scene.exchange.wait(for: 2)
            // Its lease has ended; the next one asks within the grace, and commits.
            let second = RefreshFlight(connections: scene.connections, id: id, lease: HeldLease(name: "x", epoch: 8, owner: "second"))
            async let token = second.run()
            await scene.exchange.wait(for: 3)
            scene.exchange.release(.tokens("late", refresh: "late"))
            let outcome = await late
            #expect(outcome == .failed(.fenced(id)))
            #expect(try await scene.connections.load(id).row.state == .refreshing)
            scene.exchange.release(.tokens("access-2", refresh: "refresh-2"))
            #expect(try await token.value == "access-2")
            #expect(try await scene.connections.load(id).tokens?.refresh == Secret("refresh-2"))
        }
    }

    @Test(arguments: [ScriptedExchange.Answer.error("invalid_grant"), .lost, .reply(429, ""), .tokens("late")])
    func `S2-52 whatever a late holder has to say, the row stays as it is`(answer: ScriptedExchange.Answer) async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            let paused = RefreshFlight(connections: scene.connections, id: id, lease: HeldLease(name: "x", epoch: 7, owner: "paused"))
            async let late = Outcome.of { try await paused.run() }
            await scene.exchange.wait(for: 2)
            let second = RefreshFlight(connections: scene.connections, id: id, lease: HeldLease(name: "x", epoch: 8, owner: "second"))
            scene.exchange.script(.tokens("access-2", refresh: "refresh-2"))
            #expect(try await second.run().value == "access-2")
            let row = try await scene.connections.load(id).row
            scene.exchange.release(answer)
            if case .lost = answer { try await scene.wakeNext(sleepers: 2) }
            let outcome = await late
            #expect(outcome == .failed(.fenced(id)))
            #expect(try await scene.connections.load(id).row == row)
            #expect(try await scene.connections.load(id).tokens?.access == Secret("access-2"))
        }
    }

    @Test func `authorizing again while a refresh is under way counts, and the refresh does not`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            let flight = RefreshFlight(connections: scene.connections, id: id, lease: HeldLease(name: "x", epoch: 7, owner: "first"))
            async let late = Outcome.of { try await flight.run() }
            await scene.exchange.wait(for: 2)
            let link = try await scene.connections.begin(
                AuthorizationOrder(provider: "acme", connection: "mail", redirectURI: "https://us.example.com/callback", session: "browser"))
            scene.exchange.script(.tokens("by hand", refresh: "by hand"))
            _ = try await scene.connections.complete(AuthorizationCallback(state: link.state, code: "code"), session: "browser")
            scene.exchange.release(.error("invalid_grant"))
            let outcome = await late
            #expect(outcome == .failed(.fenced(id)))
            #expect(try await scene.connections.token(for: id).value == "by hand")
        }
    }

    @Test func `a connection that was revoked meanwhile gets no tokens`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            async let token = Outcome.of { try await scene.connections.token(for: id) }
            await scene.exchange.wait(for: 2)
            try await scene.connections.revoke(id)
            scene.exchange.release(.tokens("access-2", refresh: "refresh-2"))
            let outcome = await token
            #expect(outcome == .failed(.revoked(id)))
            #expect(try await scene.connections.load(id).tokens == nil)
            #expect(try await scene.events("audit") == ["connection.active", "connection.revoked"])
        }
    }

    @Test func `H2-6 a holder that died while it asked leaves a request whose outcome nobody knows`() async throws {
        try await ConnectionScene.with { scene in
            for (grace, count) in [(Duration.zero, 0), (.seconds(60), 1)] {
                let id = try await scene.connected("mail \(count)") { $0.rotation = .always(grace: grace) }.id
                scene.clock.advance(by: .seconds(3590))
                // What a process that is killed between the intent and the reply leaves.
                let now = scene.clock.now()
                try await scene.base.database.write {
                    try $0.run(
                        "UPDATE vault_connections SET state = \("refreshing"), unanswered = 1, unanswered_since = \(now), epoch = 1 WHERE id = \(id)")
                }
                scene.leases.reset()
                _ = try await scene.leases.withLease("connection/\(id)", for: .zero, waiting: nil) { $0.epoch }
                let before = scene.exchange.received.count
                if count == 0 {
                    await #expect(throws: ConnectionError.self) { try await scene.connections.token(for: id) }
                    #expect(try await scene.connections.connection(id).state == .uncertain)
                } else {
                    scene.exchange.script(.tokens("access-2", refresh: "refresh-2"))
                    #expect(try await scene.connections.token(for: id).value == "access-2")
                }
                #expect(scene.exchange.received.count == before + (count == 0 ? 0 : 1))
            }
        }
    }

    @Test func `epochs that begin again are forgotten by order, and not by themselves`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            try await scene.base.database.write { try $0.run("UPDATE vault_connections SET epoch = 1000") }
            let flight = RefreshFlight(connections: scene.connections, id: id, lease: HeldLease(name: "x", epoch: 3, owner: "x"))
            await #expect(throws: ConnectionError.fenced(id)) { _ = try await flight.run() }
            #expect(scene.exchange.received.count == 1)
            try await scene.connections.forgetEpochs()
            scene.exchange.script(.tokens("access-2"))
            #expect(try await scene.connections.token(for: id).value == "access-2")
        }
    }

    @Test func `S2-50 a caller waits for a lease until its deadline, a sweep does not wait`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected().id
            scene.clock.advance(by: .seconds(3590))
            scene.leases.setBusy(true)
            #expect(try await scene.connections.refreshDue() == 1)
            await scene.leases.wait(for: 1)
            #expect(scene.leases.waits == [.zero])
            scene.leases.setBusy(false)
            scene.exchange.script(.tokens("access-2"))
            #expect(try await scene.connections.token(for: id, within: .seconds(10)).value == "access-2")
            let waited = try #require(scene.leases.waits.last ?? nil)
            #expect(waited > .seconds(9) && waited < .seconds(10))
        }
    }
}
