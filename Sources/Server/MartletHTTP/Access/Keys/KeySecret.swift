import Crypto
import MartletCore

/// An API key as it is shown once, to whoever made it: `mk_ID_SECRET`, where the secret is 256 bits of the system's randomness and six more
/// characters tell a mistyped key from a wrong one, and a key in somebody's repository from other text.
///
/// The server keeps the key's SHA-256 alone. A slow hash defends secrets that can be guessed; 256 random bits cannot, and a fast one keeps
/// authentication out of every request's way.
public struct KeySecret: Sendable, Hashable {
    public static let prefix = "mk_"
    static let idLength = 12
    private static let checkLength = 6
    private static let length = prefix.utf8.count + idLength + 1 + 52 + checkLength

    /// What the key is called: no secret.
    public let id: String
    /// The whole key.
    public let text: String

    init(_ random: any RandomSource) {
        id = String(Base32.encode(Self.bytes(8, random)).prefix(Self.idLength))
        let body = "\(Self.prefix)\(id)_\(Base32.encode(Self.bytes(32, random)))"
        text = body + Self.check(of: body)
    }

    /// - Returns: `nil` for what is no key: another length, another prefix, or characters that do not fit each other.
    public init?(_ text: String) {
        guard let id = Self.id(in: text), Self.isIntact(text) else { return nil }
        self.id = id
        self.text = text
    }

    public var hash: [UInt8] { Self.hash(of: text) }

    static func hash(of text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// The id that a key of this form names, whether or not there is such a key.
    static func id(in text: String) -> String? {
        let bytes = text.utf8
        guard bytes.count == length, text.hasPrefix(prefix) else { return nil }
        let rest = bytes.dropFirst(prefix.utf8.count)
        guard rest.dropFirst(idLength).first == UInt8(ascii: "_") else { return nil }
        return String(rest.prefix(idLength))
    }

    static func isIntact(_ text: String) -> Bool {
        text.hasSuffix(check(of: String(text.dropLast(checkLength))))
    }

    private static func check(of body: String) -> String {
        String(Base32.encode(SHA256.hash(data: Array(body.utf8))).prefix(checkLength))
    }

    static func bytes(_ count: Int, _ random: any RandomSource) -> [UInt8] {
        (0..<(count + 7) / 8).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }.prefix(count).map { $0 }
    }

    /// Whether two hashes are the same, in a time that does not tell where they differ.
    static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
