/// A JSON text: `jsonb` in PostgreSQL, text in SQLite. Not checked here: the server refuses what is not JSON.
public struct SQLJSON: Sendable, Hashable {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }
}
