import Synchronization

/// What connections have found out about their server, for the whole pool.
final class ServerTraits: Sendable {
    private struct State {
        var isPooled = false
        var forgets = false
    }

    /// Whether statements are prepared at all.
    let prepares: Bool
    private let state = Mutex(State())

    init(prepares: Bool) {
        self.prepares = prepares
    }

    /// A pooler refuses the settings that belong to a connection, because its connections belong to nobody: they go into each transaction.
    var isPooled: Bool { state.withLock { $0.isPooled } }
    func noticePooler() { state.withLock { $0.isPooled = true } }

    /// A prepared statement may be where it was left, or not, from one transaction to the next.
    var forgets: Bool { state.withLock { $0.forgets || $0.isPooled } }
    func noticeLoss() { state.withLock { $0.forgets = true } }
}
