import Synchronization

/// One incarnation's way to the store.
final class Link: Sendable {
    private struct State {
        var isCut = false
        var isIsolated = false
    }

    private let state = Mutex(State())

    /// For good: the process is dead, or the run is over.
    var isCut: Bool { state.withLock { $0.isCut } }
    var isIsolated: Bool { state.withLock { $0.isIsolated } }

    func cut() {
        state.withLock { $0.isCut = true }
    }

    func isolate(_ isIsolated: Bool) {
        state.withLock { $0.isIsolated = isIsolated }
    }
}
