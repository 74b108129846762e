import Crypto
import Foundation

/// One envelope key: 256 bits that wrap the data keys of secrets, and a name by which rows say which key they need.
///
/// The bits come from the cryptographic library's own generator and never from `Environment`: a seeded die must not be able to make a key.
public struct VaultKey: Sendable, Hashable, CustomStringConvertible {
    /// 16 hexadecimal digits derived from the key; says nothing about it.
    public let id: String
    let bits: SymmetricKey

    private init(_ bits: SymmetricKey) {
        self.bits = bits
        let code = HMAC<SHA256>.authenticationCode(for: Array("martlet vault key id 1".utf8), using: bits)
        id = code.prefix(8).hexadecimal
    }

    /// A new one.
    public static func generate() -> VaultKey { VaultKey(SymmetricKey(size: .bits256)) }

    /// Reads 32 bytes in base64, with or without padding; `nil` for anything else.
    public init?(base64 text: some StringProtocol) {
        let padded = String(text) + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded), data.count == 32 else { return nil }
        self.init(SymmetricKey(data: data))
    }

    /// The key itself, as it stands in a key file.
    var base64: String { bits.withUnsafeBytes { Data($0) }.base64EncodedString() }

    public static func == (a: VaultKey, b: VaultKey) -> Bool { a.bits == b.bits }
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
    public var description: String { "key \(id)" }
}

extension VaultKey: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}

extension Sequence<UInt8> {
    /// Two lower-case digits for each byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
