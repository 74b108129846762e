import MartletCore

/// Every job of a store, newest first, a page at a time.
struct JobWalk: Sendable {
    private let store: any Store
    private var page: ArraySlice<JobDetail> = []
    private var query = JobQuery()
    private var isOver = false

    init(_ store: any Store) {
        self.store = store
        query.isDetailed = true
        query.limit = Limits.pageMax
    }

    /// The next job, where there is one and it has been read.
    var head: JobDetail? { page.first }

    mutating func pop() -> JobDetail? { page.popFirst() }

    /// With a job at its head, unless there are no more.
    func filled() async throws(StoreError) -> JobWalk {
        var walk = self
        while walk.page.isEmpty, !walk.isOver {
            let found = try await store.jobs(walk.query)
            walk.page = found.details[...]
            walk.query.before = found.next
            walk.isOver = found.next == nil
        }
        return walk
    }
}
