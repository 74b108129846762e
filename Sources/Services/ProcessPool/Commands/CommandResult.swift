import MartletCore

/// How one attempt of a command ended.
public enum CommandResult: Sendable, Hashable {
    /// With the result it printed, if any.
    case succeeded(Payload?)
    /// Trying again may help.
    case transient(Failure)
    /// Trying again does not help.
    case permanent(Failure)
    /// It failed and said when to try again.
    case rateLimited(Failure, after: Duration)
    /// It ran longer than `CommandSpec.timeout`, and was ended.
    case timedOut(Failure)
    /// The calling task was cancelled, and the command was ended.
    case cancelled
}
