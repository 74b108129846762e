/// Where `LISTEN` is said. `listen` in the URL.
enum Listening: Sendable, Hashable {
    /// Where the URL says; nowhere, if that turns out to be a pooler.
    case same
    /// Past a pooler, which knows no `LISTEN`: `listen=host:port`.
    case elsewhere(host: String, port: String)
    /// `listen=off`
    case nowhere

    init(_ url: PostgresURL) throws(DatabaseFailure) {
        switch url.own["listen"] {
        case nil: self = .same
        case "off": self = .nowhere
        case let place?:
            guard let colon = place.lastIndex(of: ":"), colon != place.startIndex, UInt16(place[place.index(after: colon)...]) != nil else {
                throw DatabaseFailure(
                    .corrupt, reason: "the PostgreSQL URL cannot be read: listen is off, or host:port of the server behind the pooler")
            }
            self = .elsewhere(host: String(place[..<colon]), port: String(place[place.index(after: colon)...]))
        }
    }
}
