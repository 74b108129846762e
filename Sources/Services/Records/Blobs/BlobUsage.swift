/// What a tenant keeps, and how much it may.
public struct BlobUsage: Sendable, Hashable {
    public let bytes: Int
    /// `nil` where there is no limit.
    public let quota: Int?
}
