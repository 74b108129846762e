import Synchronization

/// The two tasks of a store that belong to no call. They end with the store.
final class ChoresTasks: Sendable {
    private struct Tasks {
        var chores: Task<Void, Never>?
        var listener: Task<Void, Never>?
        var isClosed = false
    }

    private let chores: Chores
    private let tasks: Mutex<Tasks>

    init(_ chores: Chores) {
        self.chores = chores
        tasks = Mutex(Tasks(chores: Task { await chores.run() }))
    }

    /// Listens to other processes from the first listener of this one on.
    func listen() {
        let chores = chores
        tasks.withLock { tasks in
            if tasks.listener == nil && !tasks.isClosed { tasks.listener = Task { await chores.listen() } }
        }
    }

    /// Returns when both have ended.
    func close() async {
        let ended = cancel()
        await ended.chores?.value
        await ended.listener?.value
    }

    deinit { _ = cancel() }

    private func cancel() -> Tasks {
        chores.hints.end()
        return tasks.withLock { tasks in
            tasks.chores?.cancel()
            tasks.listener?.cancel()
            tasks.isClosed = true
            return tasks
        }
    }
}
