/// A blob that is kept.
public struct StoredBlob: Sendable, Hashable {
    public let digest: BlobDigest
    /// In bytes.
    public let size: Int
}
