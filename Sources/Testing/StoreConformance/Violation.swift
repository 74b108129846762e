/// A rule that a store has broken.
public struct Violation: Error, Sendable, CustomStringConvertible {
    public let description: String

    /// - Parameter line: where in its check's file the rule stands.
    public init(_ what: String, line: Int = #line) {
        description = "\(what) (line \(line))"
    }
}
