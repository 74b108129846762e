import Synchronization

/// The end of one live stream, waiting claim or connection, whoever brings it about: it comes once, tasks can wait for it, and other ends can
/// follow from it.
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
        var followers: [ObjectIdentifier: Ending] = [:]
    }

    private let state = Mutex(State())

    /// Why it has come; `nil` before it has.
    var reason: Reason? { state.withLock { $0.reason } }

    /// The first reason stands.
    func come(_ reason: Reason) {
        let (waiters, followers) = state.withLock { state in
            if state.reason == nil { state.reason = reason }
            defer { (state.waiters, state.followers) = ([:], [:]) }
            return (state.waiters, state.followers)
        }
        for waiter in waiters.values { waiter.resume() }
        for follower in followers.values { follower.come(reason) }
    }

    /// The other comes when this one does, until `stopBringing`.
    func bring(_ other: Ending) {
        let reason = state.withLock { state in
            if state.reason == nil { state.followers[ObjectIdentifier(other)] = other }
            return state.reason
        }
        if let reason { other.come(reason) }
    }

    func stopBringing(_ other: Ending) {
        state.withLock { state in _ = state.followers.removeValue(forKey: ObjectIdentifier(other)) }
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
