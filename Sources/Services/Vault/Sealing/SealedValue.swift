/// A secret as it is stored: sealed under a data key of its own, which is wrapped under the envelope key `keyID`.
struct SealedValue: Sendable, Hashable {
    var keyID: String
    /// Nonce, ciphertext and tag.
    var wrappedKey: [UInt8]
    /// Nonce, ciphertext and tag.
    var sealed: [UInt8]
}
