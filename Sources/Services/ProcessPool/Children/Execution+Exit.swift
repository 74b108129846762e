import Subprocess

/// Waiting, without doing anything to the process.
enum Patience {
    /// 136 years, in steps that double for the reason given at `EngineClock.sleep(until:)`; signal 0 is no signal (kill(2)).
    static let steps: [TeardownStep] = (0..<32).map { step in
        .send(signal: Signal(rawValue: 0), allowedDurationToNextStep: .seconds(1 << step))
    }
}

extension Execution {
    /// Returns when the process has exited. It is not reaped before the body of `run` returns, so until then its number, which is also
    /// its group's, cannot become another's, and the group can be signalled without a doubt about whom that reaches.
    ///
    /// The library waits for the exit only after the body; a teardown that does nothing is the one way to wait for it inside.
    /// Cancelling the task does not end the wait.
    func untilExit() async {
        await teardown(using: Patience.steps)
    }
}
