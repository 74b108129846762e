import Simulation
import Synchronization

/// Hands out seeds and adds up what became of them.
final class Tally: Sendable {
    struct Total: Sendable {
        var next: UInt64
        var seeds = 0
        var failures = 0
        var jobs = 0
        var faults = 0
        var steps = 0
        /// Of all traces: the same seeds have the same digest in every process.
        var digest: UInt64 = 0
        var isOver = false
    }

    private let end: UInt64
    private let state: Mutex<Total>

    init(next: UInt64, end: UInt64) {
        self.end = end
        state = Mutex(Total(next: next))
    }

    func take() -> UInt64? {
        state.withLock { state in
            guard state.next < end, !state.isOver else { return nil }
            state.next += 1
            return state.next - 1
        }
    }

    func add(_ report: SimulationReport, stopsAtFailure: Bool) {
        state.withLock { state in
            state.seeds += 1
            state.jobs += report.jobs
            state.faults += report.faults
            state.steps += report.steps
            // A sum, since the seeds end in no particular order; multiplied, so that two that swap their traces show.
            state.digest &+= report.hash &* (2 &* report.seed &+ 1)
            guard !report.holds else { return }
            state.failures += 1
            if stopsAtFailure { state.isOver = true }
        }
    }

    var total: Total { state.withLock { $0 } }
}
