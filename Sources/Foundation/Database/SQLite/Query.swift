/// A statement of the hot path, written once as a `static let`: its identity finds the prepared statement without hashing its text.
public final class Query: Sendable {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }
}
