import Synchronization

/// Where a stop stands, and who waits for it to get further.
final class StopControl: Sendable {
    private struct State {
        var moment = StopMoment.running
        var listeners: [Doorbell] = []
    }

    private let state = Mutex(State())

    var moment: StopMoment { state.withLock { $0.moment } }

    /// One moment further.
    func advance() {
        reach(StopMoment(rawValue: moment.rawValue + 1) ?? .abandoned)
    }

    /// To this moment, unless it has been passed.
    func reach(_ moment: StopMoment) {
        let listeners = state.withLock { state in
            state.moment = max(state.moment, moment)
            return state.listeners
        }
        for listener in listeners { listener.ring() }
    }

    /// Rings at every change.
    func listen(_ bell: Doorbell) {
        state.withLock { $0.listeners.append(bell) }
    }

    private func forget(_ bell: Doorbell) {
        state.withLock { $0.listeners.removeAll { $0 === bell } }
    }

    /// Returns when the stop has reached this moment, when `limit` has passed, or on cancellation.
    func wait(for moment: StopMoment, atMost limit: Duration? = nil, _ clock: any EngineClock) async {
        let bell = Doorbell()
        listen(bell)
        defer { forget(bell) }
        let end = limit.map { clock.uptime() + $0 }
        while self.moment < moment, !Task.isCancelled {
            guard let end else {
                await bell.wait()
                continue
            }
            let left = end - clock.uptime()
            if left <= .zero { return }
            await bell.wait(atMost: left, clock)
        }
    }
}
