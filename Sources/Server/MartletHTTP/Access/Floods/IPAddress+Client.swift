import MartletCore

extension IPAddress {
    /// The address of a client as a socket or a proxy names it: what follows a `%` names an interface and is not part of it, and one of version 4
    /// that is written as of version 6 (RFC 4291, section 2.5.5.2) is of version 4.
    init?(client text: some StringProtocol) {
        guard let address = IPAddress(text.prefix { $0 != "%" }) else { return nil }
        self = address.unmapped
    }

    /// What a limit counts by: the address, or of version 6 the network of 64 bits that one customer has.
    var limitName: String {
        let part = isV6 ? bytes.prefix(8) : bytes[...]
        return part.map { String($0, radix: 16) }.joined(separator: ".")
    }
}
