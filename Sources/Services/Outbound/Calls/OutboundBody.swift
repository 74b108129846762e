import AsyncHTTPClient
import MartletCore
import NIOCore

/// The body of a request: bytes, or a stream that is read while it is sent.
public struct OutboundBody: Sendable {
    /// Bytes, where it is known.
    public let length: Int?
    /// Whether it can be sent a second time.
    public let isReplayable: Bool
    let isStream: Bool
    let make: @Sendable (_ watch: DeadlineWatch, _ tooLarge: OutboundError, _ bytesMax: Int) -> HTTPClientRequest.Body

    public static func bytes(_ buffer: ByteBuffer) -> OutboundBody {
        OutboundBody(length: buffer.readableBytes, isReplayable: true, isStream: false) { _, _, _ in .bytes(buffer) }
    }

    public static func json(_ payload: Payload) -> OutboundBody { .bytes(ByteBuffer(bytes: payload.utf8)) }

    /// A stream, read one buffer at a time as the connection takes them.
    /// - Parameters:
    ///   - length: all its bytes; `nil` sends it in chunks.
    ///   - isReplayable: whether `chunks` yields the same again each time it is called.
    public static func stream<Chunks: AsyncSequence & Sendable>(
        length: Int?, isReplayable: Bool = false, _ chunks: @escaping @Sendable () -> Chunks
    ) -> OutboundBody where Chunks.Element == ByteBuffer {
        OutboundBody(length: length, isReplayable: isReplayable, isStream: true) { watch, tooLarge, bytesMax in
            .stream(
                MeteredUpload(base: chunks(), watch: watch, tooLarge: tooLarge, bytesMax: bytesMax),
                length: length.map { .known(Int64($0)) } ?? .unknown)
        }
    }
}

/// Watches an upload's size and silence.
private struct MeteredUpload<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable where Base.Element == ByteBuffer {
    typealias Element = ByteBuffer

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        let watch: DeadlineWatch
        let tooLarge: OutboundError
        var left: Int

        @concurrent mutating func next() async throws -> ByteBuffer? {
            guard let buffer = try await base.next() else {
                watch.sentAll()
                return nil
            }
            left -= buffer.readableBytes
            guard left >= 0 else {
                watch.fail(tooLarge)
                throw tooLarge
            }
            watch.pulse()
            return buffer
        }
    }

    let base: Base
    let watch: DeadlineWatch
    let tooLarge: OutboundError
    let bytesMax: Int

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), watch: watch, tooLarge: tooLarge, left: bytesMax)
    }
}
