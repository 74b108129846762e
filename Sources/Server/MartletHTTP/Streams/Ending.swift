import Synchronization

/// The end of one live stream or waiting claim, whoever brings it about: it comes once, and tasks can wait for it.
final class Ending: Sendable {
    enum Reason: Sendable {
        /// The reader has closed its connection.
        case readerGone
        /// The server stops.
        case shutdown
    }

    private struct State {
        var reason: Reason?
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// Why it has come; `nil` before it has.
    var reason: Reason? { state.withLock { $0.reason } }

    /// The first reason stands.
    func come(_ reason: Reason) {
        let waiters = state.withLock { state in
            if state.reason == nil { state.reason = reason }
            let waiters = state.waiters
            state.waiters = [:]
            return waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns when it has come, or when the task is cancelled.
    func wait() async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.reason != nil || Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.resume()
        }
    }
}
