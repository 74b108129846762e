/// What one call changed, for the hint that follows it.
struct MemoryChanges: Sendable {
    var work = false
    var jobs: Set<JobID> = []
    var streams: Set<String> = []

    /// `nil` where nothing changed that anybody could wait for.
    var wakeup: Wakeup? {
        guard work || !jobs.isEmpty || !streams.isEmpty else { return nil }
        return Wakeup(work: work, streams: streams.union(jobs.map(StreamName.job)))
    }
}
