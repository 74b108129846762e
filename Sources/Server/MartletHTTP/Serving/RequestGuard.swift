import MartletCore
import HTTPTypes

/// Keeps web pages of other sites from using a server that trusts whoever reaches it.
///
/// A page elsewhere can make a browser send requests here. Under a name of its own that it has pointed at this machine (DNS rebinding) it could
/// even read the answers: so `Host` must be a name of this server. Across sites it cannot read them, but could still post: so a request that
/// changes something must not come from another origin (RFC 6454; Fetch Metadata).
struct RequestGuard: Sendable {
    /// In lower case.
    private let names: Set<String>
    /// Where other machines reach the server, they may do so by any of its addresses: a page cannot rebind one, and nobody is trusted for coming.
    private let takesAddresses: Bool

    init(_ configuration: HTTPConfiguration) {
        names = Set((configuration.hostNames.union([configuration.host])).map { $0.lowercased() })
        takesAddresses = !HostName.isLoopback(configuration.host)
    }

    func check(_ head: HTTPRequest) throws(Problem) {
        guard let authority = head.authority, !authority.isEmpty else {
            throw Problem(.wrongHost, "the request has no Host header: name this server by a loopback name or address")
        }
        let host = HostName.host(of: authority)
        guard HostName.isLoopback(host) || names.contains(host.lowercased()) || takesAddresses && IPAddress(client: host) != nil else {
            throw Problem(.wrongHost, "this server does not answer to the name in the Host header: use a loopback name or address")
        }
        if head.method == .get || head.method == .head { return }
        try Self.checkOrigin(head)
    }

    /// For requests that change something, and for a WebSocket, which a page of another site could open and read although it begins as a `GET`
    /// (RFC 6455, section 10.2).
    static func checkOrigin(_ head: HTTPRequest) throws(Problem) {
        let authority = head.authority ?? ""
        if let origin = head.headerFields[.origin] {
            guard origin.lowercased() == "http://\(authority.lowercased())" || origin.lowercased() == "https://\(authority.lowercased())" else {
                throw Problem(.foreignOrigin, "the request comes from a page of another site: only this server's own pages may do this")
            }
        } else if head.headerFields[.fetchSite] == "cross-site" {
            throw Problem(.foreignOrigin, "the request comes from a page of another site: only this server's own pages may do this")
        }
    }
}
