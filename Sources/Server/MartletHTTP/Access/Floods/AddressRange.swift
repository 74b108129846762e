/// An address, or all that begin with the same bits: `10.0.0.0/8`.
public struct AddressRange: Sendable, Hashable {
    private let address: IPAddress
    private let bits: Int

    /// - Returns: `nil` for what is neither an address nor one with a number of bits.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]), parts.count <= 2 else { return nil }
        let width = address.bytes.count * 8
        guard let bits = parts.count == 2 ? Int(parts[1]) : width, (0...width).contains(bits) else { return nil }
        (self.address, self.bits) = (address, bits)
    }

    func contains(_ other: IPAddress) -> Bool {
        guard address.bytes.count == other.bytes.count else { return false }
        let (whole, rest) = (bits / 8, bits % 8)
        guard address.bytes.prefix(whole) == other.bytes.prefix(whole) else { return false }
        return rest == 0 || (address.bytes[whole] ^ other.bytes[whole]) >> (8 - rest) == 0
    }
}
