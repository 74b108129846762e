import MartletCore
import NIOCore
import NIOHTTP1

/// A whole answer.
public struct OutboundReply: Sendable {
    public let status: Int
    public let headers: HTTPHeaders
    public let retryAfter: Duration?
    public let body: ByteBuffer
    let destination: String

    /// The body's bytes.
    public var bytes: [UInt8] { Array(body.readableBytesView) }
    public var isSuccess: Bool { (200..<300).contains(status) }

    /// - Throws: `OutboundError.status` for anything but 2xx.
    public func requireSuccess() throws(OutboundError) {
        guard isSuccess else { throw .status(status, destination: destination, retryAfter: retryAfter) }
    }

    /// - Throws: `JSONError`.
    public func json() throws(JSONError) -> JSON { try JSON(parsing: bytes) }
}
