/// One computation under way in this process, and who waits for it.
struct Flight {
    let key: String
    let policy: CachePolicy
    let compute: @Sendable () async throws -> [UInt8]?
    /// Nobody waits: a value is renewed before its time. Then it is the expiry of the value that is to be renewed.
    var renews: Duration?
    var waiters: [Int: CheckedContinuation<[UInt8]?, any Error>] = [:]
    /// An invalidation from here on is news to it.
    var isReading = false
    /// The key was invalidated meanwhile: who waited before gets the value, and nobody else.
    var isDetached = false
}

/// How a computation ended.
struct Landing: Sendable {
    var value: [UInt8]?
    var cost: Duration
    /// From now on.
    var freshFor: Duration
    /// Whether it may be kept; not where its write was refused.
    var isKept: Bool
    /// Whether another process has computed it.
    var isShared = false
}
