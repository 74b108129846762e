import Glibc

/// An address of version 4 or 6. One of version 4 that is written as of version 6 (RFC 4291, section 2.5.5.2) is of version 4.
struct IPAddress: Sendable, Hashable {
    /// Four or sixteen.
    let bytes: [UInt8]

    /// Reads an address; what follows a `%` names an interface and is not part of it.
    init?(_ text: some StringProtocol) {
        let text = String(text.prefix { $0 != "%" })
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.bytes = Array(bytes.prefix(4))
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
            self.bytes = isMapped ? Array(bytes.suffix(4)) : bytes
        } else {
            return nil
        }
    }

    /// What a limit counts by: the address, or of version 6 the network of 64 bits that one customer has.
    var limitName: String {
        let part = bytes.count == 16 ? bytes.prefix(8) : bytes[...]
        return part.map { String($0, radix: 16) }.joined(separator: ".")
    }
}
