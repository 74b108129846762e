/// A block of addresses: `10.0.0.0/8`, `fd00::/8`.
public struct Network: Sendable, Hashable {
    public let address: IPAddress
    /// 0…32, or 0…128 for IPv6.
    public let prefix: Int

    /// `nil` unless it is an address, or an address, a slash and a length that fits it.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        let bits = address.bytes.count * 8
        var prefix = bits
        if parts.count == 2 {
            guard let written = Int(parts[1]), (0...bits).contains(written), parts[1].utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
            prefix = written
        }
        self.init(address, prefix)
    }

    private init(_ address: IPAddress, _ prefix: Int) {
        self.address = address
        self.prefix = prefix
    }

    /// Whether the block holds the address itself; an IPv4 block never holds an IPv6 address.
    public func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        let whole = prefix / 8
        guard address.bytes[..<whole] == other.bytes[..<whole] else { return false }
        let rest = prefix % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - rest))
        return address.bytes[whole] & mask == other.bytes[whole] & mask
    }

    /// For constants, each checked by a test.
    package init(trusted text: StaticString) {
        guard let network = Network("\(text)") else { preconditionFailure("'\(text)' is no block of addresses") }
        self = network
    }
}
