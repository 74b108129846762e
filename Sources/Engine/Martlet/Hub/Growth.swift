/// A registration for many streams that come and go: says which of them may have grown, so that whoever reads for many readers reads only those.
/// One task waits at a time.
public final class Growth: Sendable {
    public struct Change: Sendable, Hashable {
        /// Watched streams that have grown.
        public var streams: Set<String>
        /// Any watched stream may have grown: the store could not say which.
        public var isUnspecific: Bool
    }

    private let id: Int
    private let ledger: GrowthLedger
    private let hub: Hub

    init(id: Int, ledger: GrowthLedger, hub: Hub) {
        self.id = id
        self.ledger = ledger
        self.hub = hub
    }

    deinit { hub.removeGrowth(id) }

    /// From now on no change of this stream is missed. Read it once after this.
    public func add(_ stream: String) { ledger.add(stream) }
    public func remove(_ stream: String) { ledger.remove(stream) }

    /// What has changed since the last call: at once where something has, otherwise after the next change or `limit`, and then it may be nothing.
    /// Lost wake-ups are the caller's to make up for, by reading what has been silent for long.
    public func next(atMost limit: Duration) async throws -> Change {
        await ledger.bell.wait(atMost: limit, hub.clock)
        try Task.checkCancellation()
        return ledger.take()
    }
}
