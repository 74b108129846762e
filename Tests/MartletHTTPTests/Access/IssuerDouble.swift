import CryptoExtras
import Foundation
import JWTKit
import MartletCore

@testable import MartletHTTP

/// An issuer with keys of its own: signs tokens as it is told, rightly or wrongly, and publishes its keys.
struct IssuerDouble: Sendable {
    static let name = "https://issuer.example"
    static let audience = "martlet"

    let rsa: JWTKit.Insecure.RSA.PrivateKey
    let elliptic: ES256PrivateKey
    let secret = "a secret of more than thirty-two bytes, shared"

    init() throws {
        rsa = try JWTKit.Insecure.RSA.PrivateKey(pem: try _RSA.Signing.PrivateKey(keySize: .bits2048).pemRepresentation)
        elliptic = ES256PrivateKey()
    }

    /// What a token says, as JSON.
    struct Claims: JWTPayload {
        var json: [String: Value]

        enum Value: Codable, Sendable {
            case text(String)
            case texts([String])
            case number(Double)

            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                switch self {
                case .text(let text): try container.encode(text)
                case .texts(let texts): try container.encode(texts)
                case .number(let number): try container.encode(number)
                }
            }

            init(from decoder: any Decoder) throws { self = .text(try decoder.singleValueContainer().decode(String.self)) }
        }

        init(_ json: [String: Value]) { self.json = json }
        init(from decoder: any Decoder) throws { json = [:] }
        func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
        func verify(using algorithm: some JWTAlgorithm) throws {}
    }

    /// Right in everything, for an hour from `now`.
    static func claims(at now: Timestamp, _ change: (inout [String: Claims.Value]) -> Void = { _ in }) -> Claims {
        let seconds = Double(now.microseconds / 1_000_000)
        var claims: [String: Claims.Value] = [
            "iss": .text(name), "aud": .texts(["other", audience]), "sub": .text("ann"), "exp": .number(seconds + 3600), "iat": .number(seconds),
            "scope": .text("jobs:read jobs:write nonsense"), "org": .text("acme"),
        ]
        change(&claims)
        return Claims(claims)
    }

    func sign(_ claims: Claims, _ algorithm: TokenKey.Algorithm, kid: String? = nil) async throws -> String {
        let keys = JWTKeyCollection()
        switch algorithm {
        case .hs256: await keys.add(hmac: HMACKey(from: Array(secret.utf8)), digestAlgorithm: .sha256)
        case .rs256: await keys.add(rsa: rsa, digestAlgorithm: .sha256)
        case .es256: await keys.add(ecdsa: elliptic)
        }
        var header = JWTHeader()
        if let kid { header.kid = kid }
        return try await keys.sign(claims, header: header)
    }

    /// The key set that this issuer publishes.
    func keySet(rsaNamed rsaName: String = "r1", ellipticNamed ellipticName: String = "e1") throws -> [UInt8] {
        let (modulus, exponent) = try rsa.publicKey.getKeyPrimitives()
        guard let point = elliptic.publicKey.parameters else { return [] }
        let keys: JSON = [
            ["kty": "RSA", "kid": .string(rsaName), "use": "sig", "alg": "RS256", "n": .string(Self.url(modulus)), "e": .string(Self.url(exponent))],
            ["kty": "EC", "crv": "P-256", "kid": .string(ellipticName), "x": .string(Self.url(point.x)), "y": .string(Self.url(point.y))],
            ["kty": "OKP", "crv": "Ed25519", "kid": "o1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"],
            ["kty": "oct", "kid": "s1", "k": "c2hhcmVk"],
            ["kty": "RSA", "kid": "enc", "use": "enc", "n": .string(Self.url(modulus)), "e": .string(Self.url(exponent))],
        ]
        let set: JSON = ["keys": keys]
        return set.utf8
    }

    private static func url(_ data: Data) -> String { url(data.base64EncodedString()) }

    private static func url(_ text: String) -> String {
        text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
