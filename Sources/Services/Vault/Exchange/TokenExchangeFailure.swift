/// Why there is no reply.
public struct TokenExchangeFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// In words, without the URL's query and without anything of the request.
    public let reason: String
    /// Whether the server may have got the request and acted on it. `false` only where that is certain: the connection was never made.
    public let mayHaveReached: Bool
    /// For how long not to try again, where this side or the other says so.
    public let retryAfter: Duration?

    public init(reason: String, mayHaveReached: Bool, retryAfter: Duration? = nil) {
        self.reason = reason
        self.mayHaveReached = mayHaveReached
        self.retryAfter = retryAfter
    }

    public var description: String { reason }
}
