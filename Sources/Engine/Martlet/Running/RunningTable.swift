import Synchronization

/// The attempts this node has under way, settlement included.
final class RunningTable: Sendable {
    private struct State {
        var attempts: [JobID: RunningAttempt] = [:]
        /// Who sleeps until there is an attempt at all. Rung once and then awake for a while, so that a busy node rings nobody per job.
        var sleepers: [Doorbell] = []
    }

    private let state = Mutex(State())
    /// Rings when an attempt begins whose deadline is closer than `DeadlineKeeper.nearby`.
    let deadlines = Doorbell()

    var isEmpty: Bool { state.withLock { $0.attempts.isEmpty } }
    var count: Int { state.withLock { $0.attempts.count } }
    /// By job: a dictionary's own order differs from run to run, and one seed must be one run.
    var all: [RunningAttempt] { state.withLock { Array($0.attempts.values) }.sorted { $0.lease.job < $1.lease.job } }
    subscript(job: JobID) -> RunningAttempt? { state.withLock { $0.attempts[job] } }

    func begin(_ attempt: RunningAttempt) {
        let sleepers = state.withLock { state in
            state.attempts[attempt.lease.job] = attempt
            let sleepers = state.sleepers
            state.sleepers.removeAll()
            return sleepers
        }
        for sleeper in sleepers { sleeper.ring() }
    }

    /// Forgets the attempt, unless a later one of the same job has taken its place.
    func end(_ attempt: RunningAttempt) {
        state.withLock { state in
            if state.attempts[attempt.lease.job] === attempt { state.attempts[attempt.lease.job] = nil }
        }
    }

    /// `false`, and `bell` rings at the next `begin`; or `true` where there is an attempt already.
    func hasWork(orRing bell: Doorbell) -> Bool {
        state.withLock { state in
            if state.attempts.isEmpty { state.sleepers.append(bell) }
            return !state.attempts.isEmpty
        }
    }

    func stopAll(_ reason: StopReason) {
        for attempt in all { attempt.stop(reason) }
    }
}
