import NIOCore

/// One open connection, as its link sees it from any thread.
struct RedisLane: Sendable {
    let channel: any Channel
    let facts: ServerFacts
    /// Looks whether there is something to write.
    let wake: @Sendable () -> Void
    /// Ends the connection at once, for this reason.
    let end: @Sendable (RedisError) -> Void

    func isSame(as other: RedisLane) -> Bool { channel === other.channel }
}
