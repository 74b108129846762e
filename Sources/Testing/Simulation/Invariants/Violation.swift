/// An invariant that does not hold, and by what it was seen.
public struct Violation: Sendable, Hashable, CustomStringConvertible {
    public let invariant: Invariant
    public let message: String
    /// Since the beginning of the run.
    public let at: Duration

    public var description: String { "invariant \(invariant.rawValue) (\(invariant)) at \(at): \(message)" }
}
