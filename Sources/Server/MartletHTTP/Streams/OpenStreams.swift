import Synchronization

/// The live streams and waiting claims that are open now: counted, bounded, and ended together when the server stops.
final class OpenStreams: Sendable {
    private struct State {
        var endings: [ObjectIdentifier: Ending] = [:]
        var isStopping = false
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { state.withLock { $0.endings.count } }

    /// - Throws: where as many are open as may be.
    func checkRoom() throws(Problem) {
        guard count < limit else {
            var problem = Problem(.tooManyStreams, "\(limit) live readers are connected, as many as may be: try again later")
            problem.retryAfter = .seconds(5)
            throw problem
        }
    }

    /// The caller must `close` what this gives. After `endAll` it has come already.
    func open() -> Ending {
        let ending = Ending()
        let isStopping = state.withLock { state in
            state.endings[ObjectIdentifier(ending)] = ending
            return state.isStopping
        }
        if isStopping { ending.come(.shutdown) }
        return ending
    }

    func close(_ ending: Ending) {
        state.withLock { state in _ = state.endings.removeValue(forKey: ObjectIdentifier(ending)) }
    }

    func endAll() {
        let endings = state.withLock { state in
            state.isStopping = true
            return Array(state.endings.values)
        }
        for ending in endings { ending.come(.shutdown) }
    }
}
