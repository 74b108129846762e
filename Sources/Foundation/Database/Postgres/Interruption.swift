import Synchronization

/// Tells the thread of a connection that the caller of its present use has gone.
final class Interruption: Sendable {
    private struct State {
        var use = 0
        var isCancelled = false
        /// Requests to the server to cancel, still under way.
        var requests = 0
    }

    private let state = Mutex(State())
    let bell: Bell

    init(bell: Bell) {
        self.bell = bell
    }

    /// A new use of the connection begins; the cancellation of an earlier one does not reach it.
    func begin(_ use: Int) {
        state.withLock {
            $0.use = use
            $0.isCancelled = false
        }
    }

    func cancel(_ use: Int) {
        let isPresent = state.withLock { state in
            guard state.use == use else { return false }
            state.isCancelled = true
            return true
        }
        if isPresent { bell.ring() }
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }
    var isRequesting: Bool { state.withLock { $0.requests > 0 } }

    func requestStarted() { state.withLock { $0.requests += 1 } }

    func requestEnded() {
        state.withLock { $0.requests -= 1 }
        bell.ring()
    }
}
