/// The bounds of a folder of blobs.
public struct BlobLimits: Sendable, Hashable {
    /// Bytes a tenant may keep where `setQuota` says nothing else; `nil` for no limit.
    public var quota: Int?
    /// The largest blob.
    public var blobBytes = 16 << 30
    /// Bytes of the disk that stay free, for the database beside it.
    public var reserve = 256 << 20
    /// Blobs being written at once.
    public var writers = 256

    public init() {}
}
