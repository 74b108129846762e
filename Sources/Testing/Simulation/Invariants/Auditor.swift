import MartletCore
import MartletTesting
import Synchronization

/// Shows every observation to every check and keeps the first violation.
final class Auditor: Sendable {
    private struct State {
        var checks: [any InvariantCheck]
        var violation: Violation?
    }

    private let clock: VirtualClock
    private let state: Mutex<State>

    init(scenario: Scenario, clock: VirtualClock) {
        self.clock = clock
        state = Mutex(
            State(checks: [
                EpochsGrow(), OnlyTheCurrentEpochWrites(), FinishedIsFinal(), StepsAreWrittenOnce(), StreamsHaveNoGap(), OneJobPerSlot(),
                RunningWithinLimits(queues: scenario.queues), RatesAreKept(queues: scenario.queues), SettlementsAreWhole(), NothingIsLost(),
                BadRowsHoldNothingBack(), UnknownKindsAreLeftAlone(), EffectsAreReconciled(), OnlyTheGuiltyIsQuarantined(),
                StepBodiesRunOnce(), KeysAreExclusive(),
            ]))
    }

    var violation: Violation? { state.withLock { $0.violation } }

    func observe(_ observation: Observation) {
        judge { $0.observe(observation) }
    }

    func conclude(_ ending: Ending) {
        judge { $0.conclude(ending) }
    }

    /// What nobody but the simulator itself can see.
    func report(_ invariant: Invariant, _ message: String) {
        state.withLock { state in
            if state.violation == nil { state.violation = Violation(invariant: invariant, message: message, at: clock.uptime()) }
        }
    }

    private func judge(_ look: (inout any InvariantCheck) -> String?) {
        state.withLock { state in
            guard state.violation == nil else { return }
            for index in state.checks.indices {
                guard let message = look(&state.checks[index]) else { continue }
                state.violation = Violation(invariant: type(of: state.checks[index]).invariant, message: message, at: clock.uptime())
                return
            }
        }
    }
}
