import Glibc

/// An address of IPv4 (4 bytes) or IPv6 (16 bytes).
public struct IPAddress: Sendable, Hashable {
    /// In network order.
    public let bytes: [UInt8]

    /// `nil` for any other number of bytes than 4 or 16.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// The forms that `inet_pton` takes: four decimal numbers, or IPv6 by RFC 4291, section 2.2. No zone, no octal, hexadecimal or short forms of
    /// IPv4, which resolvers read in different ways.
    public init?(_ text: some StringProtocol) {
        var buffer = [UInt8](repeating: 0, count: 16)
        let text = String(text)
        guard !text.utf8.contains(0) else { return nil }
        if inet_pton(AF_INET, text, &buffer) == 1 {
            bytes = Array(buffer[..<4])
        } else if inet_pton(AF_INET6, text, &buffer) == 1 {
            bytes = buffer
        } else {
            return nil
        }
    }

    public var isV6: Bool { bytes.count == 16 }

    private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    /// The IPv4 address where this is one that was mapped to IPv6 (RFC 4291, section 2.5.5.2), else itself.
    package var unmapped: IPAddress { isV6 && Array(bytes[..<12]) == Self.mapped ? embedded ?? self : self }

    /// The IPv4 address that an IPv6 one leads to: mapped (`::ffff:0:0/96`, RFC 4291), NAT64 (`64:ff9b::/96`, RFC 6052), 6to4 (`2002::/16`,
    /// RFC 3056).
    package var embedded: IPAddress? {
        guard isV6 else { return nil }
        let head = Array(bytes[..<12])
        if head == Self.mapped || head == [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0] {
            return IPAddress(bytes: Array(bytes[12...]))
        }
        return bytes[0] == 0x20 && bytes[1] == 0x02 ? IPAddress(bytes: Array(bytes[2..<6])) : nil
    }
}

extension IPAddress: CustomStringConvertible {
    /// As `inet_ntop` writes it: without brackets.
    public var description: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(isV6 ? AF_INET6 : AF_INET, bytes, &buffer, socklen_t(buffer.count)) != nil else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
