/// Which store to use.
enum StoreAddress: Sendable, Hashable, CustomStringConvertible {
    /// An absolute path.
    case sqlite(path: String)
    case postgres(url: String)
    case redis(url: String)

    private static let postgresSchemes: Set<String> = ["postgres", "postgresql"]
    private static let redisSchemes: Set<String> = [
        "redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster",
    ]
    /// What is wrong with a text that is none.
    static let hint = "must be sqlite: and a path, as in sqlite:martlet.db, or a postgres:// or redis:// URL"

    /// Reads `sqlite:PATH`, a path, or a URL.
    /// - Parameter folder: what a relative path is relative to.
    init?(_ text: String, relativeTo folder: String) {
        if let end = text.firstRange(of: "://"), !text.hasPrefix("sqlite:") {
            let scheme = text[..<end.lowerBound].lowercased()
            if Self.postgresSchemes.contains(scheme) {
                self = .postgres(url: text)
            } else if Self.redisSchemes.contains(scheme) {
                self = .redis(url: text)
            } else {
                return nil
            }
            return
        }
        var path = text
        if path.hasPrefix("sqlite:") {
            path = String(path.dropFirst("sqlite:".count))
            if path.hasPrefix("//") { path = String(path.dropFirst(2)) }
        } else if path.contains(":") {
            return nil
        }
        guard !path.isEmpty else { return nil }
        self = .sqlite(path: FilePaths.absolute(path, in: folder))
    }

    /// Of the database file; `nil` where a server keeps the data.
    var path: String? {
        if case .sqlite(let path) = self { path } else { nil }
    }

    /// Whether there is something to open without making it: a server's store is made by whoever comes first.
    var exists: Bool { path.map(FilePaths.exists) ?? true }

    /// For people and logs: without the password.
    var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgres(let url), .redis(let url): Self.withoutSecrets(url)
        }
    }

    /// A URL with dots in place of the password, in the authority as in the query.
    private static func withoutSecrets(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let rest = url[scheme.upperBound...]
        let authorityEnd = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        var authority = String(rest[..<authorityEnd])
        if let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") {
            authority.replaceSubrange(authority.index(after: colon)..<at, with: "…")
        }
        var tail = String(rest[authorityEnd...])
        if let mark = tail.firstIndex(of: "?") {
            let parameters = tail[tail.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false).map { parameter in
                let name = parameter.prefix { $0 != "=" }
                return name.lowercased().contains("password") ? "\(name)=…" : String(parameter)
            }
            tail = tail[...mark] + parameters.joined(separator: "&")
        }
        return url[..<scheme.upperBound] + authority + tail
    }
}
