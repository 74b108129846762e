import MartletCore

/// Something a running command said.
public enum CommandOutput: Sendable, Hashable {
    /// A line of standard output, without its newline: valid UTF-8 without NUL, cut to `CommandSpec.lineBytesMax`.
    case output(String)
    /// A line of standard error, or a word of the pool's own about the output.
    case log(String)
    case progress(Progress)
    /// The job's result, should the command succeed; the last one counts.
    case result(Payload)
    /// When to try again, should the command fail; the last one counts.
    case retryAfter(Duration)
}

/// Takes what a command says, each stream in its order; output and log may arrive at the same time. While it takes its time the command
/// waits on its pipe. An error ends the attempt: the command is stopped, and `ProcessPool.execute` throws that error.
public typealias CommandSink = @Sendable (CommandOutput) async throws -> Void
