import MartletCore

/// A JSON Web Token taken apart (RFC 7515, section 7.1), before anything of it is believed.
struct SignedToken: Sendable {
    static let bytesMax = 8 << 10

    let algorithm: String?
    let keyID: String?
    /// What the signature is of.
    let signed: [UInt8]
    let signature: [UInt8]
    private let payload: [UInt8]

    init(_ text: String) throws(TokenFault) {
        guard text.utf8.count <= Self.bytesMax else { throw .malformed }
        let parts = Array(text.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { throw .malformed }
        let fields = try Self.json(header)
        // Extensions that must be understood, and are not (RFC 7515, section 4.1.11).
        guard fields["crit"] == nil else { throw .malformed }
        algorithm = fields["alg"]?.stringValue
        keyID = fields["kid"]?.stringValue
        signed = Array(text.utf8.prefix(parts[0].count + 1 + parts[1].count))
        self.signature = signature
        self.payload = payload
    }

    /// Only once the signature is known to be right.
    var claims: JSON {
        get throws(TokenFault) { try Self.json(payload) }
    }

    private static func json(_ bytes: [UInt8]) throws(TokenFault) -> JSON {
        let json: JSON
        do throws(JSONError) { json = try JSON(parsing: bytes) } catch { throw .malformed }
        guard case .object = json else { throw .malformed }
        return json
    }
}
