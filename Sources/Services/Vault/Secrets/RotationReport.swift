/// What a rotation has done.
public struct RotationReport: Sendable, Hashable {
    /// The key that seals from now on.
    public var key: String
    /// Rows wrapped anew by this call.
    public var rewrapped = 0
    /// Rows that could not be opened and are left as they were, by kind, tenant and name. While there is one, the keys before stay in use.
    public var damaged: [String] = []
    /// Keys that nothing needs any more since this call, but for backups made before.
    public var retired: [String] = []

    /// Names of damaged rows that a report holds; there may be more.
    static let damagedMax = 100
}
