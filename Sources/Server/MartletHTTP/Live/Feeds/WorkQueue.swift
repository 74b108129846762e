import NIOCore
import Synchronization

/// Hands items to whoever is free, in the order they came. Callers bound what they put in.
final class WorkQueue<Item: Sendable>: Sendable {
    private struct State {
        var items = CircularBuffer<Item>()
        var waiters: [(id: Int, continuation: CheckedContinuation<Item?, Never>)] = []
        var nextID = 0
    }

    private let state = Mutex(State())

    func put(_ item: Item) {
        let waiter = state.withLock { state in
            if let waiter = state.waiters.popLast() { return waiter.continuation as CheckedContinuation<Item?, Never>? }
            state.items.append(item)
            return nil
        }
        waiter?.resume(returning: item)
    }

    /// The next item; `nil` when the task is cancelled.
    func next() async -> Item? {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isOver, item) = state.withLock { state -> (Bool, Item?) in
                    if Task.isCancelled { return (true, nil) }
                    if let item = state.items.popFirst() { return (true, item) }
                    state.waiters.append((id, continuation))
                    return (false, nil)
                }
                if isOver { continuation.resume(returning: item) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0).continuation }
            }
            waiter?.resume(returning: nil)
        }
    }
}
