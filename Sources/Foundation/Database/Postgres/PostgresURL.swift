import CLibPQ

/// A `postgres://user:password@host:port/database?…` URL. libpq reads it, with everything it knows (`sslmode`, several hosts, service
/// files); what is our own is taken out before. Never shows itself: there may be a password in it.
struct PostgresURL: Sendable {
    /// As libpq reads it.
    let conninfo: String
    /// Our own parameters, by name.
    let own: [String: String]
    /// The settings of a connection that the URL asks for.
    let options: String

    private static let ownNames: Set<String> = ["pool_size", "pool_wait", "statement_timeout", "prepare", "listen"]

    /// - Throws: `corrupt` where the URL cannot be read.
    init(_ text: String) throws(DatabaseFailure) {
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else {
            throw Self.unreadable("it does not begin with postgres://")
        }
        let halves = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var own: [String: String] = [:]
        var kept: [Substring] = []
        for parameter in halves.count > 1 ? halves[1].split(separator: "&") : [] {
            let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if Self.ownNames.contains(String(pair[0])) {
                own[String(pair[0])] = pair.count > 1 ? String(pair[1]) : ""
            } else {
                kept.append(parameter)
            }
        }
        self.own = own
        conninfo = kept.isEmpty ? String(halves[0]) : halves[0] + "?" + kept.joined(separator: "&")
        var message: UnsafeMutablePointer<CChar>?
        let parsed = PQconninfoParse(conninfo, &message)
        defer {
            PQconninfoFree(parsed)
            PQfreemem(message)
        }
        // libpq's own words may repeat the URL, with the password in it.
        guard let parsed else {
            throw Self.unreadable("libpq does not understand it; its parameters are those of the PostgreSQL manual, and \(Self.ownNames.sorted())")
        }
        self.options = Self.value(of: "options", in: parsed) ?? ""
    }

    private static func value(of keyword: String, in options: UnsafePointer<PQconninfoOption>) -> String? {
        var option = options
        while let name = option.pointee.keyword {
            if String(cString: name) == keyword { return option.pointee.val.map { String(cString: $0) } }
            option += 1
        }
        return nil
    }

    private static func unreadable(_ why: String) -> DatabaseFailure {
        DatabaseFailure(.corrupt, reason: "the PostgreSQL URL cannot be read: \(why). It is written postgres://user:password@host:port/database")
    }

    /// A whole number among our own parameters.
    func number(_ name: String, in range: ClosedRange<Int>) throws(DatabaseFailure) -> Int? {
        guard let text = own[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Self.unreadable("\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
