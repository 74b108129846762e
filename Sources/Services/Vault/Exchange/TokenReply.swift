/// What an authorization server answered. Printing it shows the status alone.
public struct TokenReply: Sendable, CustomStringConvertible, CustomReflectable {
    /// The most of a body that is read; a longer one is a failure of the exchange.
    public static let bodyBytesMax = 64 << 10

    public let status: Int
    /// The value of the `Retry-After` header.
    public let retryAfter: String?
    public let body: [UInt8]

    public init(status: Int, retryAfter: String?, body: [UInt8]) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }

    public var description: String { "status \(status), \(body.count) bytes" }
    public var customMirror: Mirror { Mirror(self, children: ["status": status]) }
}
