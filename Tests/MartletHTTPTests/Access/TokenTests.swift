import JWTKit
import MartletCore
import MartletTesting
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(1)))
struct TokenTests {
    private let clock = VirtualClock()

    private func settings(_ keys: TokenSettings.Keys) -> TokenSettings {
        var settings = TokenSettings(issuer: IssuerDouble.name, audience: IssuerDouble.audience, keys: keys)
        settings.tenantClaim = "org"
        return settings
    }

    private func verifier(_ settings: TokenSettings, _ source: any KeySetSource = GuardedServer.NoIssuer()) async throws -> TokenVerifier {
        try await TokenVerifier(settings, fetching: source, clock: clock, logger: TestServer.silent)
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

    @Test func `A token of the issuer says who it is, for each kind of key`() async throws {
        let issuer = try IssuerDouble()
        let kinds: [(TokenKey.Algorithm, TokenSettings.Keys)] = [
            (.hs256, .secret(issuer.secret)), (.rs256, .publicKey(pem: issuer.rsa.publicKey.pemRepresentation)),
            (.es256, .publicKey(pem: issuer.elliptic.publicKey.pemRepresentation)),
        ]
        for (algorithm, keys) in kinds {
            let verifier = try await verifier(settings(keys))
            let token = try await issuer.sign(IssuerDouble.claims(at: clock.now()), algorithm)
            let verified = try await verifier.verify(token)
            #expect(verified.principal == Principal(name: "ann", scopes: Scopes([.jobsRead, .jobsWrite]), tenant: "acme"))
            #expect(try await verifier.remembered(token) == verified)
            // One byte of any part makes it another token.
            for part in token.split(separator: ".") {
                let index = token.index(part.startIndex, offsetBy: part.count / 2)
                let changed = token.replacingCharacters(at: index)
                #expect(await fault(verifier, changed) != nil)
                #expect(try await verifier.remembered(changed) == nil)
            }
        }
    }

    @Test func `A token chooses neither its algorithm nor its key`() async throws {
        let issuer = try IssuerDouble()
        let claims = IssuerDouble.claims(at: clock.now())
        let pem = issuer.rsa.publicKey.pemRepresentation
        let byKey = try await verifier(settings(.publicKey(pem: pem)))
        // The public key as a shared secret: who knows it could sign.
        let confused = try await Self.sign(claims, secret: pem)
        #expect(await fault(byKey, confused) == .algorithm)
        #expect(await fault(byKey, try await issuer.sign(claims, .es256)) == .algorithm)
        let bySecret = try await verifier(settings(.secret(issuer.secret)))
        #expect(await fault(bySecret, try await issuer.sign(claims, .rs256)) == .algorithm)
        #expect(await fault(bySecret, try await Self.sign(claims, secret: "another secret of more than thirty-two bytes")) == .signature)
        let parts = try await issuer.sign(claims, .hs256).split(separator: ".")
        // {"alg":"none"}, {"alg":"NONE"}, {"alg":"HS256","crit":["b64"]}
        for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJOT05FIn0", "eyJhbGciOiJIUzI1NiIsImNyaXQiOlsiYjY0Il19"] {
            for signature in ["", String(parts[2])] {
                let fault = await fault(bySecret, "\(header).\(parts[1]).\(signature)")
                #expect(fault == .algorithm || fault == .malformed, "\(header)")
            }
        }
        for text in [
            "", ".", "..", "a.b", "a.b.c.d", "\(parts[0]).\(parts[1])", "\(parts[0])=.\(parts[1]).\(parts[2])", String(repeating: "a", count: 9000),
        ] {
            #expect(await fault(bySecret, text) == .malformed)
        }
        await #expect(throws: TokenKey.Fault.shortSecret) { try await self.verifier(self.settings(.secret("short"))) }
        await #expect(throws: (any Error).self) { try await self.verifier(self.settings(.publicKey(pem: "no key"))) }
    }

    private static func sign(_ claims: IssuerDouble.Claims, secret: String) async throws -> String {
        let keys = await JWTKeyCollection().add(hmac: HMACKey(from: Array(secret.utf8)), digestAlgorithm: .sha256)
        return try await keys.sign(claims)
    }

    @Test func `Every claim counts`() async throws {
        let issuer = try IssuerDouble()
        let verifier = try await verifier(settings(.secret(issuer.secret)))
        let now = Double(clock.now().microseconds / 1_000_000)
        let cases: [(String, IssuerDouble.Claims.Value?, TokenFault?)] = [
            ("iss", .text("https://issuer.example/"), .issuer), ("iss", nil, .issuer), ("aud", .text("other"), .audience), ("aud", nil, .audience),
            ("aud", .text("martlet"), nil), ("exp", nil, .expired), ("exp", .text("soon"), .expired), ("exp", .number(now - 61), .expired),
            ("exp", .number(now - 59), nil), ("exp", .number(1e300), .expired), ("exp", .number(-1), .expired), ("nbf", .number(now + 61), .early),
            ("nbf", .number(now + 59), nil), ("nbf", .text("later"), .early), ("iat", .number(now + 3600), .early), ("org", nil, .tenant),
            ("org", .text(""), .tenant), ("org", .texts(["acme"]), .tenant), ("org", .text("a\u{0}b"), .tenant), ("sub", nil, nil),
        ]
        for (name, value, expected) in cases {
            let claims = IssuerDouble.claims(at: clock.now()) { $0[name] = value }
            #expect(await fault(verifier, try await issuer.sign(claims, .hs256)) == expected, "\(name) \(String(describing: value))")
        }
        let list = IssuerDouble.claims(at: clock.now()) { $0["scope"] = .texts(["jobs:read", "admin"]) }
        #expect(
            try await verifier.verify(try await issuer.sign(list, .hs256)).principal.scopes
                == Scopes([.jobsRead, .jobsWrite, .eventsRead, .eventsWrite]))
        let none = IssuerDouble.claims(at: clock.now()) { $0["scope"] = nil }
        #expect(try await verifier.verify(try await issuer.sign(none, .hs256)).principal.scopes.isEmpty)
    }

    @Test func `What is remembered of a token ends with it`() async throws {
        let issuer = try IssuerDouble()
        let verifier = try await verifier(settings(.secret(issuer.secret)))
        let token = try await issuer.sign(IssuerDouble.claims(at: clock.now()), .hs256)
        _ = try await verifier.verify(token)
        clock.advance(by: .seconds(3600 + 59))
        #expect(try await verifier.remembered(token) != nil)
        clock.advance(by: .seconds(2))
        #expect(try await verifier.remembered(token) == nil)
        #expect(await fault(verifier, token) == .expired)
    }

    @Test func `A token reaches the API, and sees its tenant alone`() async throws {
        let issuer = try IssuerDouble()
        let settings = settings(.secret(issuer.secret))
        try await GuardedServer.run {
            $0.tokens = settings
        } _: { server async throws in
            let token = try await issuer.sign(IssuerDouble.claims(at: SystemClock().now()), .hs256)
            let admin = try await server.key(.admin)
            _ = try await server.job(of: "other", key: admin)
            #expect(try await server.post("/v1/jobs", #"{"kind":"a","payload":1}"#, key: token).json["tenant"] == "acme")
            guard case .array(let jobs)? = try await server.get("/v1/jobs", key: token).json["jobs"] else {
                Issue.record("no list")
                return
            }
            #expect(jobs.map { $0["tenant"] } == ["acme"])
            #expect(try await server.get("/v1/queues", key: token).status == 403)
            let old = try await issuer.sign(IssuerDouble.claims(at: SystemClock().now() - .seconds(7200)), .hs256)
            let refused = try await server.get("/v1/jobs", key: old)
            #expect(refused.status == 401)
            #expect(try refused.json["detail"]?.stringValue?.contains("expired") == true)
            #expect(!refused.text.contains(old))
        }
    }
}

extension String {
    fileprivate func replacingCharacters(at index: Index) -> String {
        var text = self
        text.replaceSubrange(index...index, with: self[index] == "A" ? "B" : "A")
        return text
    }
}
