/// Two stores that answered differently to the same operations.
public struct Divergence: Error, Sendable, CustomStringConvertible {
    public let seed: UInt64
    /// Where in the whole run; the first operation is 0.
    public let index: Int
    /// The operations that are enough to show it, the last one being the one that was answered differently.
    public let operations: [StoreOperation]
    public let reference: String
    public let subject: String

    public var description: String {
        let lines = operations.enumerated().map { "  \($0): \($1)" }
        return """
            seed \(seed), operation \(index): the stores differ
              reference: \(reference)
              subject:   \(subject)
            after \(operations.count) operations that are enough to show it:
            \(lines.joined(separator: "\n"))
            """
    }
}
