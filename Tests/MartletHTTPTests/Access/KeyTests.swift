import Database
import Foundation
import MartletCore
import MartletTesting
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(1)))
struct KeyTests {
    @Test func `A key has 256 random bits, and no letter of it can be changed unnoticed`() throws {
        let random = SeededRandom(seed: 3)
        let secret = KeySecret(random)
        #expect(secret.text.utf8.count == 74 && secret.text.hasPrefix("mk_\(secret.id)_"))
        #expect(KeySecret(secret.text) == secret)
        #expect(Set((0..<100).map { _ in KeySecret(random).text }).count == 100)
        for index in secret.text.indices {
            var text = secret.text
            text.replaceSubrange(index...index, with: text[index] == "a" ? "b" : "a")
            #expect(KeySecret(text) == nil, "\(text)")
        }
        for text in ["", "mk_", secret.text + "a", String(secret.text.dropLast()), secret.text.uppercased()] { #expect(KeySecret(text) == nil) }
        #expect(Base32.encode([UInt8]("foobar".utf8)) == "mzxw6ytboi")
    }

    @Test func `The database holds nothing of a key or a session that would let anybody in`() async throws {
        try await GuardedServer.run { server async throws in
            let key = try await server.key(.admin)
            let cookie = try await SessionTests.signIn(server, key).cookie
            let token = try #require(cookie.split(separator: "=").last)
            for suffix in ["", "-wal"] {
                let bytes = try Data(contentsOf: URL(filePath: server.path + suffix))
                #expect(bytes.range(of: Data(key.utf8.suffix(58))) == nil)
                #expect(bytes.range(of: Data(token.utf8)) == nil)
            }
        }
    }

    @Test func `S0-15: a key that another process makes or revokes counts here`() async throws {
        try await GuardedServer.run { server async throws in
            // Another connection to the same file, as another process has it.
            let other = try await SQLDatabase.open("sqlite:\(server.path)", schemas: [KeyTable.schema], environment: .system)
            let keys = KeyTable(other, environment: .system)
            let (record, secret) = try await keys.create(NewKey(name: "ci", scopes: Scopes([.jobsRead])))
            // A new one at once: what is not known is looked up.
            #expect(try await server.get("/v1/jobs", key: secret.text).status == 200)
            try await keys.revoke(record.id)
            while try await server.get("/v1/jobs", key: secret.text).status == 200 {}
            #expect(try await server.get("/v1/jobs", key: secret.text).status == 401)
            await other.close()
        }
    }

    @Test func `S0-15: a revoked key is known as such after one interval`() async throws {
        let clock = VirtualClock()
        let environment = MartletCore.Environment(clock: clock, random: SeededRandom(seed: 1))
        try await GuardedServer.withKeys { _, path in
            let database = try await SQLDatabase.open("sqlite:\(path)", schemas: [KeyTable.schema], environment: environment)
            let table = KeyTable(database, environment: environment)
            let ring = KeyRing(table, clock: clock, logger: TestServer.silent)
            let (record, secret) = try await table.create(NewKey(name: "k", scopes: .everything))
            try await ring.refresh()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await ring.run() }
                try await clock.waitForSleepers()
                try await table.revoke(record.id)
                #expect(try ring.known(key: secret.text) != nil)
                // The shortest pause, and then the rest of the interval.
                clock.advance(by: .milliseconds(100))
                try await clock.waitForSleepers()
                clock.advance(by: KeyRing.interval - .milliseconds(100))
                while try ring.known(key: secret.text) != nil { await Task.yield() }
                group.cancelAll()
            }
            await database.close()
        }
    }

    @Test func `S0-15: while the database is away known keys work for half a minute, and nobody waits`() async throws {
        let clock = VirtualClock()
        let environment = MartletCore.Environment(clock: clock, random: SeededRandom(seed: 1))
        try await GuardedServer.withKeys { _, path in
            let database = try await SQLDatabase.open("sqlite:\(path)", schemas: [KeyTable.schema], environment: environment)
            let table = KeyTable(database, environment: environment)
            let ring = KeyRing(table, clock: clock, logger: TestServer.silent)
            let secret = try await table.create(NewKey(name: "k", scopes: .everything)).secret
            #expect(throws: Problem.self) { try ring.known(key: secret.text) }
            try await ring.refresh()
            await database.close()
            await #expect(throws: DatabaseFailure.self) { try await ring.refresh() }
            clock.advance(by: KeyRing.staleMax)
            #expect(try ring.known(key: secret.text)?.record.name == "k")
            clock.advance(by: .seconds(1))
            let refusal = #expect(throws: Problem.self) { try ring.known(key: secret.text) }
            #expect(refusal?.type == .storeUnavailable)
        }
    }

    @Test func `A key ends when it expires, and says when it was last used`() async throws {
        let clock = VirtualClock()
        let environment = MartletCore.Environment(clock: clock, random: SeededRandom(seed: 1))
        try await GuardedServer.withKeys { _, path in
            let database = try await SQLDatabase.open("sqlite:\(path)", schemas: [KeyTable.schema], environment: environment)
            let table = KeyTable(database, environment: environment)
            let ring = KeyRing(table, clock: clock, logger: TestServer.silent)
            let (record, secret) = try await table.create(NewKey(name: "k", scopes: .everything, lifetime: .seconds(20)))
            try await ring.refresh()
            let used = clock.now()
            #expect(try ring.known(key: secret.text) != nil)
            try await table.note(used: [record.id: used])
            #expect(try await table.list().first?.lastUsedAt == used)
            // An older word changes nothing.
            try await table.note(used: [record.id: used - .seconds(60)])
            #expect(try await table.list().first?.lastUsedAt == used)
            clock.advance(by: .seconds(20))
            #expect(try ring.known(key: secret.text) == nil)
            #expect(try await table.list().first?.isUsable(at: clock.now()) == false)
            // Shown for ninety days more, and then gone with the next that is made.
            clock.advance(by: .seconds(91 * 86_400))
            _ = try await table.create(NewKey(name: "new", scopes: .everything))
            #expect(try await table.list().map(\.name) == ["new"])
            await database.close()
        }
    }

    @Test func `A wish for a key that means nothing is refused`() async throws {
        for wish in [
            NewKey(name: "", scopes: .everything), NewKey(name: "a\u{7}", scopes: .everything), NewKey(name: "k", scopes: Scopes()),
            NewKey(name: "k", scopes: Scopes([.jobsRead]), tenant: ""), NewKey(name: "k", scopes: .everything, lifetime: .zero),
        ] {
            #expect(wish.fault != nil)
            try await GuardedServer.withKeys { keys, _ in
                _ = await #expect(throws: KeyFault.self) { try await keys.create(wish) }
            }
        }
        try await GuardedServer.withKeys { keys, _ in
            _ = await #expect(throws: KeyFault.notFound("nobody")) { try await keys.revoke("nobody") }
        }
    }

    @Test func `A server asks nobody until there is a key, and everybody from then on`() async throws {
        try await GuardedServer.run(isEmpty: true) { server async throws in
            #expect(try await server.get("/v1/jobs").status == 200)
            let record = try await server.keys.create(NewKey(name: "first", scopes: .everything)).record
            while try await server.get("/v1/jobs").status == 200 {}
            #expect(try await server.get("/v1/jobs").status == 401)
            // A server whose keys are all revoked is closed, not open again.
            try await server.keys.revoke(record.id)
            #expect(try await server.get("/v1/jobs").status == 401)
        }
    }

    @Test func `A server with a key may listen where other machines reach it`() async throws {
        try await GuardedServer.withKeys { keys, _ in
            func access() async throws -> AccessControl {
                try await AccessControl.open(
                    AccessConfiguration(), keys: keys, source: GuardedServer.NoIssuer(), environment: .system, logger: TestServer.silent)
            }
            let empty = try await access()
            #expect(throws: HTTPConfigurationError.notLoopback("0.0.0.0")) { try empty.checkAddress("0.0.0.0") }
            try empty.checkAddress("127.0.0.1")
            #expect(!empty.asks)
            _ = try await keys.create(NewKey(name: "k", scopes: .everything))
            let guarded = try await access()
            try guarded.checkAddress("0.0.0.0")
            #expect(guarded.asks)
        }
    }

    @Test func `H3-8: a key in the address lets nobody in`() async throws {
        try await GuardedServer.run { server async throws in
            let key = try await server.key(.admin)
            for query in ["access_token=\(key)", "key=\(key)", "token=\(key)", "authorization=Bearer%20\(key)"] {
                #expect(try await server.get("/v1/jobs?\(query)").status == 401)
            }
            // Nor do other schemes and forms of the header.
            for header in ["Basic \(key)", key, "Bearer", "Bearer  \(key)", "Bearer \(key), Bearer \(key)"] {
                #expect(try await server.get("/v1/jobs", headers: ["Authorization": header]).status == 401, "\(header)")
            }
            #expect(try await server.get("/v1/jobs", headers: ["authorization": "bearer \(key)"]).status == 200)
        }
    }

    @Test func `H3-9: no origin of another site is ever told that it may read`() async throws {
        try await GuardedServer.run { server async throws in
            let key = try await server.key(.admin)
            for path in ["/v1/jobs", "/healthz", "/"] {
                let reply = try await server.get(path, key: key, headers: ["Origin": "https://evil.example"])
                #expect(!reply.headers.keys.contains { $0.hasPrefix("access-control-") })
            }
            #expect(try await server.send("OPTIONS", "/v1/jobs", headers: ["Origin": "https://evil.example"]).status == 403)
        }
    }
}
