import MartletCore
import MartletTesting
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(1)))
struct KeySetTests {
    private let clock = VirtualClock()
    private static let settings = TokenSettings(
        issuer: IssuerDouble.name, audience: IssuerDouble.audience, keys: .keySet(url: "https://issuer.example/keys"))

    /// Runs `body` beside a verifier that fetches from the double.
    private func run(_ source: KeySetDouble, _ body: (TokenVerifier) async throws -> Void) async throws {
        let verifier = try await TokenVerifier(Self.settings, fetching: source, clock: clock, logger: TestServer.silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await verifier.run() }
            defer { group.cancelAll() }
            // At rest after the first fetch.
            while try await verifier.keys(isMissing: false).generation == 0 { await Task.yield() }
            try await clock.waitForSleepers()
            try await body(verifier)
        }
    }

    private func fault(_ verifier: TokenVerifier, _ token: String) async -> TokenFault? {
        do {
            _ = try await verifier.verify(token)
        } catch let fault as TokenFault {
            return fault
        } catch {
            Issue.record(error)
        }
        return nil
    }

    /// Lets time pass until `body` is done: between two fetches the refresher rests.
    private func passing<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask { [clock] in
                while !Task.isCancelled {
                    try await clock.waitForSleepers()
                    clock.advance(by: .milliseconds(100))
                    await Task.yield()
                }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() { if let value { return value } }
            throw CancellationError()
        }
    }

    @Test func `Tokens are checked with the published keys, each with the algorithm it is for`() async throws {
        let issuer = try IssuerDouble()
        let source = KeySetDouble(.body(try issuer.keySet()), clock: clock)
        try await run(source) { verifier in
            let claims = IssuerDouble.claims(at: clock.now())
            for token in [
                try await issuer.sign(claims, .rs256, kid: "r1"), try await issuer.sign(claims, .es256, kid: "e1"),
                try await issuer.sign(claims, .rs256),
            ] { #expect(await fault(verifier, token) == nil) }
            // The name of one key and the algorithm of the other; a shared secret, which nobody publishes.
            #expect(await fault(verifier, try await issuer.sign(claims, .hs256, kid: "s1")) == .algorithm)
            #expect(source.asked == 1)
        }
    }

    @Test func `A new key is fetched when a token first names it, and the old one's tokens end with it`() async throws {
        let (old, new) = (try IssuerDouble(), try IssuerDouble())
        let source = KeySetDouble(.body(try old.keySet()), clock: clock)
        try await run(source) { verifier in
            let claims = IssuerDouble.claims(at: clock.now())
            let before = try await old.sign(claims, .rs256, kid: "r1")
            _ = try await verifier.verify(before)
            #expect(try await verifier.remembered(before) != nil)
            source.answer(.body(try new.keySet(rsaNamed: "r2", ellipticNamed: "e2")))
            clock.advance(by: KeySetCache.intervalMin)
            async let answer = verifier.verify(try await new.sign(claims, .rs256, kid: "r2"))
            #expect(try await answer.principal.name == "ann")
            #expect(source.asked == 2)
            #expect(try await verifier.remembered(before) == nil)
        }
    }

    @Test func `Tokens with unknown keys make the server ask no more than every ten seconds`() async throws {
        let issuer = try IssuerDouble()
        let source = KeySetDouble(.body(try issuer.keySet()), clock: clock)
        try await run(source) { verifier in
            let token = try await issuer.sign(IssuerDouble.claims(at: clock.now()), .rs256, kid: "unknown")
            for _ in 0..<50 { #expect(await fault(verifier, token) == .unknownKey) }
            #expect(source.asked == 1)
            clock.advance(by: KeySetCache.intervalMin)
            for _ in 0..<50 { #expect(await fault(verifier, token) == .unknownKey) }
            #expect(source.asked == 2)
        }
    }

    @Test func `S0-6: an issuer that does not answer is given up after ten seconds, and its known keys go on counting for a day`() async throws {
        let issuer = try IssuerDouble()
        let source = KeySetDouble(.body(try issuer.keySet()), clock: clock)
        try await run(source) { verifier in
            source.answer(.silence)
            clock.advance(by: .seconds(1))
            try await clock.waitForSleepers()
            // The regular fetch: it hangs, and is given up, which lets the next one begin.
            clock.advance(by: .seconds(600))
            try await clock.waitForSleepers(2)
            #expect(source.asked == 2)
            let token = try await issuer.sign(IssuerDouble.claims(at: clock.now()), .rs256, kid: "r1")
            #expect(await fault(verifier, token) == nil)
            clock.advance(by: KeySetCache.deadline)
            try await clock.waitForSleepers(1)
            source.answer(.failure)
            clock.advance(by: KeySetCache.staleMax - .seconds(620))
            let late = try await issuer.sign(IssuerDouble.claims(at: clock.now()), .rs256, kid: "r1")
            #expect(await fault(verifier, late) == nil)
            clock.advance(by: .seconds(700))
            #expect(try await verifier.keys(isMissing: false).keys.keys.isEmpty)
        }
    }

    @Test func `A key set that is none, or has no key of use, changes nothing`() async throws {
        let issuer = try IssuerDouble()
        let source = KeySetDouble(.body(try issuer.keySet()), clock: clock)
        try await run(source) { verifier in
            for body in ["", "{", "[]", #"{"keys":7}"#, #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"c2hhcmVk"},7,null]}"#] {
                source.answer(.body(Array(body.utf8)))
                clock.advance(by: KeySetCache.intervalMin)
                let unknown = try await issuer.sign(IssuerDouble.claims(at: clock.now()), .rs256, kid: "unknown")
                #expect(try await passing { await fault(verifier, unknown) } == .unknownKey)
                let good = try await issuer.sign(IssuerDouble.claims(at: clock.now()), .rs256, kid: "r1")
                #expect(await fault(verifier, good) == nil)
            }
            #expect(source.asked > 3)
        }
    }
}
