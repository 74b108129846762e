/// Why a run under a `SeededExecutor` can never end.
public enum SeededExecutorError: Error, Sendable, Hashable {
    /// Nothing can run and nobody sleeps, yet the body has not returned: something waits for what nobody will do.
    case deadlock(at: Duration)
    /// It turned without end, or the limit is too low for it.
    case tooManySteps(Int, at: Duration)
    /// Something ran on another thread: a dispatch queue, `Task.sleep`, the main actor. Such a run cannot be repeated.
    case escaped
}

extension SeededExecutorError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .deadlock(let time): "nothing can run and nobody sleeps at \(time), and the body has not returned: look for what it waits for"
        case .tooManySteps(let steps, let time): "\(steps) steps and no end at \(time): look for a loop that does not wait"
        case .escaped: "a task left the executor for another thread: look for Task.sleep, Dispatch or the main actor"
        }
    }
}
