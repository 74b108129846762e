import Subprocess

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
