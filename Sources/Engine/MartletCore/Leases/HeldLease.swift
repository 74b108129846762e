/// A named lease as its holder sees it.
public struct HeldLease: Sendable, Hashable {
    public let name: String
    /// The fencing token: hand it to whatever must refuse a late write. Epochs of a name only grow.
    public let epoch: Int
    package let owner: String

    package init(name: String, epoch: Int, owner: String) {
        self.name = name
        self.epoch = epoch
        self.owner = owner
    }
}
