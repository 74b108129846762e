import Crypto
import Foundation

/// Envelope encryption with AES-256-GCM (NIST SP 800-38D): every value gets a data key of its own, used once, which the envelope key wraps.
/// So a random nonce never repeats under a data key, and the envelope key wraps far fewer than the 2^32 values allowed by section 8.3; a
/// rotation writes 60 bytes for each row, whatever is in it.
struct Sealer: Sendable {
    let ring: Keyring
    /// The key that seals now.
    let primary: VaultKey

    func seal(_ secret: Secret, at address: SecretAddress) throws(VaultError) -> SealedValue {
        let dataKey = SymmetricKey(size: .bits256)
        let wrapped = try box(dataKey.withUnsafeBytes(Array.init), under: primary.bits, Self.wrapping(primary.id, address), address)
        return SealedValue(keyID: primary.id, wrappedKey: wrapped, sealed: try box(secret.bytes, under: dataKey, address.bound, address))
    }

    /// - Throws: `MissingKey`; `VaultError.damaged`.
    func open(_ value: SealedValue, at address: SecretAddress) throws -> Secret {
        Secret(try unbox(value.sealed, under: SymmetricKey(data: try dataKey(of: value, address)), address.bound, address))
    }

    /// The same secret with its data key wrapped under the primary key.
    /// - Throws: `MissingKey`; `VaultError.damaged`.
    func rewrap(_ value: SealedValue, at address: SecretAddress) throws -> SealedValue {
        let bytes = try dataKey(of: value, address)
        let wrapped = try box(bytes, under: primary.bits, Self.wrapping(primary.id, address), address)
        return SealedValue(keyID: primary.id, wrappedKey: wrapped, sealed: value.sealed)
    }

    private func dataKey(of value: SealedValue, _ address: SecretAddress) throws -> [UInt8] {
        guard let key = ring[value.keyID] else { throw MissingKey(id: value.keyID) }
        return try unbox(value.wrappedKey, under: key.bits, Self.wrapping(value.keyID, address), address)
    }

    private static func wrapping(_ keyID: String, _ address: SecretAddress) -> [UInt8] { Array("data key \(keyID) ".utf8) + address.bound }

    private func box(
        _ bytes: [UInt8], under key: SymmetricKey, _ bound: [UInt8], _ address: SecretAddress
    ) throws(VaultError) -> [UInt8] {
        do {
            let sealed = try AES.GCM.seal(bytes, using: key, authenticating: bound)
            return Array(sealed.nonce) + Array(sealed.ciphertext) + Array(sealed.tag)
        } catch {
            throw .damaged(name: address.name)
        }
    }

    private func unbox(
        _ bytes: [UInt8], under key: SymmetricKey, _ bound: [UInt8], _ address: SecretAddress
    ) throws(VaultError) -> [UInt8] {
        do {
            return Array(try AES.GCM.open(try AES.GCM.SealedBox(combined: bytes), using: key, authenticating: bound))
        } catch {
            // Whatever the library says: the bytes, the address or the key do not belong together.
            throw .damaged(name: address.name)
        }
    }
}
