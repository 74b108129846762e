import Crypto
import Database
import Glibc

/// A blob's bytes, or a part of them, in chunks that are read as they are taken. One that is read whole is checked against its digest: a
/// damaged one throws at its end, in place of ending.
public struct BlobReader: AsyncSequence, Sendable {
    public typealias Element = [UInt8]

    public let blob: StoredBlob
    /// The bytes that are read.
    public let range: Range<Int>
    private let file: BlobFile

    init(_ blob: StoredBlob, range: Range<Int>, file: BlobFile) {
        self.blob = blob
        self.range = range
        self.file = file
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        private static let chunk = 64 << 10

        let blob: StoredBlob
        let file: BlobFile
        var rest: Range<Int>
        /// Where it is read whole.
        var hasher: SHA256?

        public mutating func next() async throws -> [UInt8]? {
            if rest.isEmpty {
                if let hasher, BlobDigest(hasher.finalize()) != blob.digest { throw BlobError.damaged(blob.digest) }
                hasher = nil
                return nil
            }
            let bytes = try await file.read(at: rest.lowerBound, count: Swift.min(rest.count, Self.chunk))
            if bytes.isEmpty { throw BlobError.damaged(blob.digest) }
            hasher?.update(data: bytes)
            rest = (rest.lowerBound + bytes.count)..<rest.upperBound
            return bytes
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(blob: blob, file: file, rest: range, hasher: range == 0..<blob.size ? SHA256() : nil)
    }
}
