import HTTPTypes

/// Whether a form was sent by one of this server's own pages. Nobody is logged in here, so no token could tell; the browser itself says where a
/// request comes from, and one that says nothing is no browser that shows these pages: programs use `/v1`.
enum SameOrigin {
    static func allows(_ head: HTTPRequest) -> Bool {
        // Fetch Metadata (W3C), sent to trustworthy addresses, loopback among them.
        if let site = head.headerFields[.fetchSite] { return site == "same-origin" }
        guard let origin = head.headerFields[.origin]?.lowercased(), let authority = head.authority?.lowercased(), !authority.isEmpty else {
            return false
        }
        return origin == "http://\(authority)" || origin == "https://\(authority)"
    }
}
