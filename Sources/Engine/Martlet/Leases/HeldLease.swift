/// A named lease as its holder sees it.
public struct HeldLease: Sendable, Hashable {
    public let name: String
    /// The fencing token: hand it to whatever must refuse a late write. Epochs of a name only grow.
    public let epoch: Int
    let owner: String
}
