import MartletCore

/// The cookie of a session (RFC 6265): scripts cannot read it, other sites' forms do not send it. Behind TLS it has the prefix `__Host-`, with which
/// browsers take it from this very host alone and send it over TLS alone.
struct SessionCookie: Sendable, Hashable {
    /// Whether the browser came over TLS.
    let isSecure: Bool

    private var name: String { isSecure ? "__Host-martlet" : "martlet-session" }
    private var attributes: String { "; Path=/; HttpOnly; SameSite=Lax\(isSecure ? "; Secure" : "")" }

    func token(in header: String) -> String? {
        for pair in header.split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == name else { continue }
            return (1...128).contains(parts[1].utf8.count) ? String(parts[1]) : nil
        }
        return nil
    }

    func setting(_ token: String, for lifetime: Duration) -> String {
        "\(name)=\(token)\(attributes); Max-Age=\(lifetime.microseconds / 1_000_000)"
    }

    var clearing: String { "\(name)=\(attributes); Max-Age=0" }
}
