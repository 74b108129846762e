import Synchronization

/// Tells the thread of a connection that its present use is to end.
final class Interruption: Sendable {
    enum Reason: Sendable {
        /// The task that uses it was cancelled.
        case cancelled
        /// The database is being closed.
        case closing

        var error: any Error {
            switch self {
            case .cancelled: CancellationError()
            case .closing: DatabaseFailure.closed
            }
        }
    }

    private struct State {
        var use = 0
        var reason: Reason?
        /// Requests to the server to cancel, still under way.
        var requests = 0
    }

    private let state = Mutex(State())
    let bell: Bell

    init(bell: Bell) {
        self.bell = bell
    }

    /// A new use of the connection begins; the interruption of an earlier one does not reach it.
    func begin(_ use: Int) {
        state.withLock {
            $0.use = use
            $0.reason = nil
        }
    }

    /// - Parameter use: `nil` is whichever there is.
    func interrupt(_ use: Int?, _ reason: Reason) {
        let isPresent = state.withLock { state in
            guard use == nil || state.use == use else { return false }
            state.reason = state.reason ?? reason
            return true
        }
        if isPresent { bell.ring() }
    }

    var reason: Reason? { state.withLock { $0.reason } }
    var isRequesting: Bool { state.withLock { $0.requests > 0 } }

    func requestStarted() { state.withLock { $0.requests += 1 } }

    func requestEnded() {
        state.withLock { $0.requests -= 1 }
        bell.ring()
    }
}
