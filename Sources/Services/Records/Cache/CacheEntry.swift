/// A value in memory. Instants are uptimes of this process, so that no jump of a clock makes a value young again.
struct CacheEntry: Sendable, Hashable {
    /// `nil` is the answer that there is nothing.
    var value: [UInt8]?
    /// How long its computation took.
    var cost: Duration
    var freshUntil: Duration
    /// Until when it may be served behind a failure.
    var staleUntil: Duration
    /// Not to be renewed before its time until then: somebody else does, or a failure was met.
    var pausedUntil: Duration?
    /// Served until then although it is past its time, without another try: a failure was met.
    var failedUntil: Duration?

    func isFresh(at now: Duration) -> Bool { now < freshUntil }
    func isPaused(at now: Duration) -> Bool { pausedUntil.map { now < $0 } ?? false }
    func isServedStale(at now: Duration) -> Bool { now < staleUntil && (failedUntil.map { now < $0 } ?? false) }

    /// What it is counted with, besides its key: the value, and about what the tables around it take.
    var bytes: Int { (value?.count ?? 0) + 160 }
}
