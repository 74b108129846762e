public struct PruneResult: Sendable, Hashable {
    public var jobs: Int
    public var events: Int
    public var hasMore: Bool

    public init(jobs: Int, events: Int, hasMore: Bool) {
        self.jobs = jobs
        self.events = events
        self.hasMore = hasMore
    }
}
