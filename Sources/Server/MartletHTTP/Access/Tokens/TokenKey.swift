import JWTKit
import MartletCore

/// A key that signatures are checked with, and the one algorithm it is for.
struct TokenKey: Sendable {
    enum Algorithm: String, Sendable, CaseIterable {
        case hs256 = "HS256"
        case rs256 = "RS256"
        case es256 = "ES256"
    }

    /// Why a key is of no use here.
    enum Fault: Error, Sendable, Hashable {
        case shortSecret
        case otherKind
    }

    /// `nil` for a key that tokens need not name.
    let id: String?
    let algorithm: Algorithm
    private let verifier: any JWTAlgorithm

    private init(_ id: String?, _ algorithm: Algorithm, _ keys: JWTKeyCollection) async throws {
        self.id = id
        self.algorithm = algorithm
        verifier = try await keys.getKey()
    }

    /// - Throws: `Fault.shortSecret`.
    static func secret(_ secret: String) async throws -> TokenKey {
        guard secret.utf8.count >= TokenSettings.secretBytesMin else { throw Fault.shortSecret }
        return try await TokenKey(nil, .hs256, JWTKeyCollection().add(hmac: HMACKey(from: Array(secret.utf8)), digestAlgorithm: .sha256))
    }

    /// - Throws: for what is neither RSA of at least 2048 bits nor P-256.
    static func publicKey(pem: String) async throws -> TokenKey {
        do {
            return try await rsa(try Insecure.RSA.PublicKey(pem: pem), nil)
        } catch {
            return try await p256(try ES256PublicKey(pem: pem), nil)
        }
    }

    private static func rsa(_ key: Insecure.RSA.PublicKey, _ id: String?) async throws -> TokenKey {
        try await TokenKey(id, .rs256, JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256))
    }

    private static func p256(_ key: ES256PublicKey, _ id: String?) async throws -> TokenKey {
        try await TokenKey(id, .es256, JWTKeyCollection().add(ecdsa: key))
    }

    /// One key of a key set.
    /// - Throws: for kinds of keys that are not used here, shared secrets among them: nobody publishes those.
    static func published(_ json: JSON) async throws -> TokenKey {
        guard (json["use"]?.stringValue ?? "sig") == "sig" else { throw Fault.otherKind }
        let (id, named) = (json["kid"]?.stringValue, json["alg"]?.stringValue)
        switch (json["kty"]?.stringValue, json["crv"]?.stringValue) {
        case ("RSA", _):
            guard let modulus = json["n"]?.stringValue, let exponent = json["e"]?.stringValue, (named ?? "RS256") == "RS256" else {
                throw Fault.otherKind
            }
            return try await rsa(try Insecure.RSA.PublicKey(modulus: modulus, exponent: exponent), id)
        case ("EC", "P-256"):
            guard let x = json["x"]?.stringValue, let y = json["y"]?.stringValue, (named ?? "ES256") == "ES256" else { throw Fault.otherKind }
            return try await p256(try ES256PublicKey(parameters: (x, y)), id)
        default: throw Fault.otherKind
        }
    }

    func isRight(_ signature: [UInt8], of text: [UInt8]) -> Bool {
        do {
            return try verifier.verify(signature, signs: text)
        } catch {
            // A signature of the wrong form is as wrong as one of the wrong key.
            return false
        }
    }
}
