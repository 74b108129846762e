import HTTPTypes

/// What a request brings to show who makes it: an API key or a token in the `Authorization` header, or the cookie of a session. Never anything
/// in its address, which ends up in logs and histories (RFC 6750, section 2.3).
enum Credential: Sendable, Hashable {
    case none
    case key(String)
    case token(String)
    case session(String)
    /// An `Authorization` header that is not of the form `Bearer …`.
    case other

    init(_ head: HTTPRequest, cookies: SessionCookie) {
        if let header = head.headerFields[.authorization] {
            guard header.utf8.count > 7, header.prefix(7).lowercased() == "bearer " else {
                self = .other
                return
            }
            let text = String(header.dropFirst(7))
            self = text.hasPrefix(KeySecret.prefix) ? .key(text) : .token(text)
        } else if let header = head.headerFields[.cookie], let token = cookies.token(in: header) {
            self = .session(token)
        } else {
            self = .none
        }
    }
}
