import NIOHTTP1

/// The head of an answer, and its body as it comes. Valid inside the closure that it was handed to.
public struct OutboundResponse: Sendable {
    public let status: Int
    public let headers: HTTPHeaders
    /// For how long the other side asked to be left alone, in whatever dialect.
    public let retryAfter: Duration?
    /// Can be read once.
    public let body: OutboundBytes
    let destination: String

    public var isSuccess: Bool { (200..<300).contains(status) }

    /// - Throws: `OutboundError.status` for anything but 2xx; it knows what it means for a job.
    public func requireSuccess() throws(OutboundError) {
        guard isSuccess else { throw .status(status, destination: destination, retryAfter: retryAfter) }
    }
}
