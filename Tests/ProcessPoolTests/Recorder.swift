import ProcessPool
import Synchronization

/// Keeps what a command said, and lets a test wait for a line.
final class Recorder: Sendable {
    private struct State {
        var outputs: [CommandOutput] = []
        var waiters: [(wanted: CommandOutput, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var outputs: [CommandOutput] { state.withLock { $0.outputs } }

    /// The lines of standard output.
    var lines: [String] { outputs.compactMap { if case .output(let line) = $0 { line } else { nil } } }

    var logs: [String] { outputs.compactMap { if case .log(let line) = $0 { line } else { nil } } }

    @Sendable func take(_ output: CommandOutput) async throws {
        let woken = state.withLock { state in
            state.outputs.append(output)
            let woken = state.waiters.filter { $0.wanted == output }
            state.waiters.removeAll { $0.wanted == output }
            return woken
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    func wait(for wanted: CommandOutput) async {
        await withCheckedContinuation { continuation in
            let isHere = state.withLock { state in
                let isHere = state.outputs.contains(wanted)
                if !isHere { state.waiters.append((wanted, continuation)) }
                return isHere
            }
            if isHere { continuation.resume() }
        }
    }
}
