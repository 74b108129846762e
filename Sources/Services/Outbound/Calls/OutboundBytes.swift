import AsyncHTTPClient
import NIOCore

/// A body as it comes, after decompression. Ends with an error where it is larger than the destination allows, breaks off, or falls silent.
public struct OutboundBytes: AsyncSequence, Sendable {
    public typealias Element = ByteBuffer

    let base: HTTPClientResponse.Body
    let watch: DeadlineWatch
    let faults: TransportFaults
    let tooLarge: OutboundError
    let bytesMax: Int

    public struct AsyncIterator: AsyncIteratorProtocol {
        private var base: HTTPClientResponse.Body.AsyncIterator
        private let bytes: OutboundBytes
        private var left: Int

        fileprivate init(_ bytes: OutboundBytes) {
            base = bytes.base.makeAsyncIterator()
            self.bytes = bytes
            left = bytes.bytesMax
        }

        /// - Throws: `OutboundError`; `CancellationError`.
        @concurrent public mutating func next() async throws -> ByteBuffer? {
            let buffer: ByteBuffer?
            do {
                buffer = try await base.next()
            } catch {
                throw bytes.watch.fail(bytes.faults.error(for: error, bytes.watch))
            }
            guard let buffer else {
                // A cancelled body may end like a whole one.
                if let error = bytes.watch.failure { throw error }
                try Task.checkCancellation()
                return nil
            }
            left -= buffer.readableBytes
            guard left >= 0 else { throw bytes.watch.fail(bytes.tooLarge) }
            bytes.watch.pulse()
            return buffer
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// The whole body, at most as large as the destination allows.
    public func collect() async throws -> ByteBuffer {
        var whole = ByteBuffer()
        for try await buffer in self { whole.writeImmutableBuffer(buffer) }
        return whole
    }
}
