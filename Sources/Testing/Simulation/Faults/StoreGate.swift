import Synchronization

/// Lets one caller at a time do something and look at what came of it, in the order they came.
final class StoreGate: Sendable {
    private struct State {
        var isBusy = false
        var queue: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func enter() async {
        if state.withLock({ state in
            defer { state.isBusy = true }
            return !state.isBusy
        }) {
            return
        }
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if !state.isBusy {
                    state.isBusy = true
                    return true
                }
                state.queue.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.queue.isEmpty {
                state.isBusy = false
                return nil
            }
            return state.queue.removeFirst()
        }
        next?.resume()
    }
}
