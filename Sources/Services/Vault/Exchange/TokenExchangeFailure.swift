/// Why there is no reply.
public struct TokenExchangeFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// In words, without the URL's query and without anything of the request.
    public let reason: String
    /// Whether the server may have got the request and acted on it. `false` only where that is certain: the connection was never made.
    public let mayHaveReached: Bool

    public init(reason: String, mayHaveReached: Bool) {
        self.reason = reason
        self.mayHaveReached = mayHaveReached
    }

    public var description: String { reason }
}
