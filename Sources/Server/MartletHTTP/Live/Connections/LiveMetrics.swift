import Synchronization

/// How many connections there are, and what became of slow ones.
final class LiveMetrics: Sendable {
    private struct Places {
        var taken = 0
        var isStopping = false
        var isEmptied: Bool { isStopping && taken == 0 }
    }

    /// Comes when the last connection has ended after `stop`.
    let emptied = Ending()
    private let limit: Int
    private let places = Mutex(Places())
    private let connections: GaugeCell
    private let lagged: CounterCell
    private let stalled: CounterCell
    private let silent: CounterCell

    init(limit: Int, in registry: MetricsRegistry) {
        self.limit = limit
        connections = registry.cell("martlet_live_connections", []) { GaugeCell() }
        lagged = registry.cell("martlet_live_lagged_total", []) { CounterCell() }
        stalled = registry.cell("martlet_live_dropped_total", [MetricLabel("reason", "stalled")]) { CounterCell() }
        silent = registry.cell("martlet_live_dropped_total", [MetricLabel("reason", "silent")]) { CounterCell() }
    }

    /// Takes a place for a connection, which `leave` gives back.
    /// - Throws: `tooManyStreams` where none is free.
    func enter() throws(Problem) {
        let isIn = places.withLock { places in
            guard places.taken < limit else { return false }
            places.taken += 1
            connections.set(Double(places.taken))
            return true
        }
        if isIn { return }
        var problem = Problem(.tooManyStreams, "\(limit) live connections are open, as many as may be: try again later")
        problem.retryAfter = .seconds(5)
        throw problem
    }

    func leave() {
        let isEmptied = places.withLock { places in
            places.taken -= 1
            connections.set(Double(places.taken))
            return places.isEmptied
        }
        if isEmptied { emptied.come(.shutdown) }
    }

    func stop() {
        let isEmptied = places.withLock { places in
            places.isStopping = true
            return places.isEmptied
        }
        if isEmptied { emptied.come(.shutdown) }
    }

    /// A reader has fallen behind.
    func lag() { lagged.increment(by: Int64(1)) }

    func drop(_ reason: LiveConnection.Reason) {
        switch reason {
        case .said: return
        case .stalled: stalled.increment(by: Int64(1))
        case .silent: silent.increment(by: Int64(1))
        }
    }
}
