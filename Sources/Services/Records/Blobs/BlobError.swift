/// Why a blob was not kept or not read. Nothing is left of what was not kept.
public enum BlobError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The disk has no room, or would have less than its reserve.
    case diskFull(reserve: Int)
    case quotaExceeded(tenant: String, quota: Int)
    case tooLarge(bytesMax: Int)
    /// The bytes are not those whose digest or size the caller named.
    case mismatch(expected: String, found: String)
    /// No such blob, or not this tenant's.
    case notFound(BlobDigest)
    /// The file is gone, or its bytes are not what they were.
    case damaged(BlobDigest)
    case invalidRange(size: Int)
    case invalidName(reason: String)
    /// As many are written as the limits allow.
    case busy(writers: Int)
    /// The system refused a call: what was tried, and errno.
    case failed(String, code: Int32)

    public var description: String {
        switch self {
        case .diskFull(let reserve): "the disk is full (\(reserve) bytes of it are kept free): remove something, or give it more room"
        case .quotaExceeded(let tenant, let quota): "tenant '\(tenant)' would keep more than its \(quota) bytes: remove something, or raise its quota"
        case .tooLarge(let bytes): "the blob is larger than the \(bytes) bytes allowed"
        case .mismatch(let expected, let found): "the bytes are not the ones announced: \(expected) expected, \(found) received; send them again"
        case .notFound(let digest): "there is no blob \(digest)"
        case .damaged(let digest): "the file of blob \(digest) is missing or damaged: restore it from a backup"
        case .invalidRange(let size): "the range does not lie within the \(size) bytes of the blob"
        case .invalidName(let reason): "the name of an owner or tenant \(reason)"
        case .busy(let writers): "\(writers) blobs are being written already: try again later"
        case .failed(let what, let code): "\(what) failed with error \(code) of the system"
        }
    }
}
