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

    /// Comes with the departure of the reader, and when the server stops. The caller must `close` what this gives.
    func open(until departure: Ending) -> Ending {
        let ending = open()
        departure.bring(ending)
        return ending
    }

    func close(_ ending: Ending, _ departure: Ending) {
        departure.stopBringing(ending)
        state.withLock { state in _ = state.endings.removeValue(forKey: ObjectIdentifier(ending)) }
    }

    private func open() -> Ending {
        let ending = Ending()
        let isStopping = state.withLock { state in
            state.endings[ObjectIdentifier(ending)] = ending
            return state.isStopping
        }
        if isStopping { ending.come(.shutdown) }
        return ending
    }

    func endAll() {
        let endings = state.withLock { state in
            state.isStopping = true
            return Array(state.endings.values)
        }
        for ending in endings { ending.come(.shutdown) }
    }
}
