import Synchronization

/// Which of the watched streams have grown since somebody last looked.
final class GrowthLedger: Sendable {
    private struct State {
        var watched: Set<String> = []
        var grown: Set<String> = []
        var isUnspecific = false
    }

    let bell = Doorbell()
    private let state = Mutex(State())

    func add(_ stream: String) { state.withLock { state in _ = state.watched.insert(stream) } }

    func remove(_ stream: String) {
        state.withLock { state in
            state.watched.remove(stream)
            state.grown.remove(stream)
        }
    }

    func note(_ wakeup: Wakeup) {
        let isNews = state.withLock { state in
            if wakeup.isUnspecific {
                state.isUnspecific = !state.watched.isEmpty
                return state.isUnspecific
            }
            // The smaller set is walked: a hint names few streams, or a reader watches few.
            let grown = wakeup.streams.intersection(state.watched)
            state.grown.formUnion(grown)
            return !grown.isEmpty
        }
        if isNews { bell.ring() }
    }

    func take() -> Growth.Change {
        state.withLock { state in
            defer { (state.grown, state.isUnspecific) = ([], false) }
            return Growth.Change(streams: state.grown, isUnspecific: state.isUnspecific)
        }
    }
}
