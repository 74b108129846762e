/// Where a sealed value stands. It is sealed together with the bytes: copied to another row, they do not open.
struct SecretAddress: Sendable, Hashable {
    let kind: SecretKind
    let tenant: String
    let name: String

    /// Each part with its length, so that no two addresses give the same bytes.
    var bound: [UInt8] {
        var bytes = Array("martlet vault 1".utf8)
        for part in [kind.rawValue, tenant, name] {
            withUnsafeBytes(of: UInt32(part.utf8.count).bigEndian) { bytes += $0 }
            bytes += part.utf8
        }
        return bytes
    }
}
