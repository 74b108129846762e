import Crypto
import Foundation

/// 256 random bits as text, and what is derived from such texts. From the cryptographic library's generator and never from `Environment`: a
/// seeded die must not be able to guess a state.
enum RandomToken {
    static func make() -> String { base64URL(SymmetricKey(size: .bits256).withUnsafeBytes(Array.init)) }

    /// What is stored and compared in place of a text that must not be read back out of the database.
    static func hash(_ text: String) -> String { base64URL(Array(SHA256.hash(data: Array(text.utf8)))) }

    /// Without padding (RFC 7636, appendix A).
    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
