/// Where and why a text is not JSON. Says the byte, never the text around it: payloads do not belong in messages.
public struct JSONError: Error, Hashable, CustomStringConvertible {
    public let reason: String
    /// Counted in bytes from the start, from 0.
    public let offset: Int

    public init(reason: String, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String { "\(reason) at byte \(offset)" }
}
