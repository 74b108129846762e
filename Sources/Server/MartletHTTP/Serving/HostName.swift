/// Names of hosts as they stand in URLs and `Host` headers.
enum HostName {
    /// Whether this name or address means this machine alone (RFC 6761, section 6.3; RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3).
    static func isLoopback(_ host: some StringProtocol) -> Bool {
        let name = host.lowercased()
        if name == "localhost" || name == "::1" || name == "[::1]" || name.hasSuffix(".localhost") { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy(isOctet)
    }

    private static func isOctet(_ text: Substring) -> Bool {
        (1...3).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } && UInt8(text) != nil
    }

    /// The host of `host[:port]`, without the brackets of an IPv6 address.
    static func host(of authority: String) -> Substring {
        if authority.utf8.first == UInt8(ascii: "[") {
            guard let end = authority.firstIndex(of: "]") else { return authority[...] }
            return authority[authority.index(after: authority.startIndex)..<end]
        }
        guard let colon = authority.lastIndex(of: ":") else { return authority[...] }
        return authority[..<colon]
    }
}
