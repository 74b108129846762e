import MartletCore

/// Where a request really comes from.
///
/// Anybody can write anything into `X-Forwarded-For`; a proxy adds the address it saw at the end. So the list is read from its end, and only as
/// far as the addresses are those of proxies that the operator trusts: the first other one is the client.
struct ClientAddress: Sendable, Hashable {
    let text: String
    /// Whether the client came to a trusted proxy over TLS.
    let isSecure: Bool

    /// - Parameters:
    ///   - peer: the other side of the connection.
    ///   - forwarded: `X-Forwarded-For`.
    ///   - scheme: `X-Forwarded-Proto`.
    init(peer: String?, forwarded: String?, scheme: String?, trusted: [Network]) {
        var client = peer ?? "unknown"
        guard let first = IPAddress(client: client), trusted.contains(where: { $0.contains(first) }) else {
            (text, isSecure) = (client, false)
            return
        }
        for hop in (forwarded ?? "").split(separator: ",").reversed() {
            guard let (name, address) = Self.read(hop) else { break }
            client = name
            guard trusted.contains(where: { $0.contains(address) }) else { break }
        }
        text = client
        // The last word is the nearest proxy's own.
        isSecure = scheme?.split(separator: ",").last.map { $0.filter { $0 != " " }.lowercased() == "https" } ?? false
    }

    /// What limits count by.
    var limitName: String { IPAddress(client: text)?.limitName ?? text }

    /// An address, perhaps with a port, perhaps in brackets.
    private static func read(_ hop: Substring) -> (String, IPAddress)? {
        let text = hop.filter { $0 != " " && $0 != "\t" }
        if let address = IPAddress(client: text) { return (text, address) }
        let host = String(HostName.host(of: text))
        return IPAddress(client: host).map { (host, $0) }
    }
}
