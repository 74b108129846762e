import NIOHTTP1

/// What follows from a redirect (RFC 9110, section 15.4; the Fetch standard for 301 and 302 after POST).
enum RedirectRule {
    struct Next: Sendable {
        let target: Target
        let method: HTTPMethod
        let headers: HTTPHeaders
        let keepsBody: Bool
    }

    private static let statuses: Set<UInt> = [301, 302, 303, 307, 308]

    /// The only headers that another origin is told: everything else may be, or hold, a credential.
    private static let harmless: Set<String> = ["accept", "accept-language", "accept-encoding", "user-agent", "range", "content-type"]

    /// `nil` where the answer is no redirect.
    static func next(
        _ status: HTTPResponseStatus, location: String?, from target: Target, _ method: HTTPMethod, _ headers: HTTPHeaders, hasBody: Bool
    ) throws(OutboundError) -> Next? {
        guard statuses.contains(status.code), let location else { return nil }
        let next = try target.following(location)
        guard target.scheme == .http || next.scheme == .https else { throw .redirectRefused("it leads from https to http") }
        let becomesGet = (status.code == 303 && method != .HEAD && method != .GET) || ((status.code == 301 || status.code == 302) && method == .POST)
        let keepsBody = hasBody && !becomesGet
        var kept = headers
        if becomesGet { for name in ["Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding"] { kept.remove(name: name) } }
        if !next.hasSameOrigin(as: target) {
            guard !keepsBody else { throw .redirectRefused("it would hand the body to another origin") }
            kept = HTTPHeaders(kept.filter { harmless.contains($0.name.lowercased()) }.map { ($0.name, $0.value) })
        }
        return Next(target: next, method: becomesGet ? .GET : method, headers: kept, keepsBody: keepsBody)
    }
}
