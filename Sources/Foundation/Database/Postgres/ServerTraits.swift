import Synchronization

/// What connections have found out about their server, for the whole pool.
final class ServerTraits: Sendable {
    private struct State {
        var prepares: Bool
        var isPooled = false
    }

    private let state: Mutex<State>

    init(prepares: Bool) {
        state = Mutex(State(prepares: prepares))
    }

    /// Whether statements are prepared. Turned off as soon as a prepared statement is not where it was left: a pooler stands between.
    var prepares: Bool { state.withLock { $0.prepares } }
    func stopPreparing() { state.withLock { $0.prepares = false } }

    /// A pooler refuses the settings that belong to a connection, because its connections belong to nobody: they go into each transaction.
    var isPooled: Bool { state.withLock { $0.isPooled } }
    func noticePooler() { state.withLock { $0.isPooled = true } }
}
