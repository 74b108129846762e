import Glibc
import MartletCore
import Subprocess
import SystemPackage

extension CommandResult {
    /// What the end of a process means for the job.
    init(_ end: Child.End, _ spec: CommandSpec, _ conversation: Conversation) {
        let program = spec.arguments[0]
        switch end.reason {
        case .timedOut: self = .timedOut(.timeout(program, spec.timeout ?? .zero))
        case .cancelled: self = .cancelled
        case .failed, nil: self = Self.unasked(end.status, program, spec, conversation)
        }
    }

    /// The exit code says whether the job is tried again; a retry that the command asked for says only when.
    private static func unasked(
        _ status: TerminationStatus, _ program: String, _ spec: CommandSpec, _ conversation: Conversation
    ) -> CommandResult {
        let failure: Failure
        switch status {
        case .exited(let code):
            switch spec.exitCodes[Int(code)] {
            case .succeeded:
                guard !conversation.isResultTooLarge else { return .permanent(.resultTooLarge(program)) }
                return .succeeded(conversation.result)
            case .permanent: return .permanent(.exited(program, Int(code)))
            case .transient: failure = .exited(program, Int(code))
            }
        case .signaled(SIGXCPU): failure = spec.cpuLimitSeconds.map { .cpuLimit(program, $0) } ?? .signalled(program, Int(SIGXCPU))
        case .signaled(SIGKILL): failure = .killed(program)
        case .signaled(let signal): failure = .signalled(program, Int(signal))
        }
        return conversation.retryAfter.map { .rateLimited(failure, after: $0) } ?? .transient(failure)
    }

    /// What it means that a process could not be started or watched.
    init(_ error: any Error, _ spec: CommandSpec) {
        let program = spec.arguments[0]
        let number = (error as? SubprocessError)?.underlyingError ?? error as? Errno
        let why = number.map { "\($0)" } ?? "the system gave no reason"
        switch ((error as? SubprocessError)?.code, number) {
        case (.executableNotFound, _):
            // The file was found and may be executed, so it is what its first line names that is missing.
            self = .permanent(.notExecutable(program, "the interpreter in its first line, or its loader, is missing"))
        case (.failedToChangeWorkingDirectory, _): self = .transient(.noFolder(spec.workingDirectory))
        case (_, .execFormatError):
            self = .permanent(.notExecutable(program, "it is no program for this machine, and has no '#!' line"))
        case (_, .argListTooLong), (_, .permissionDenied), (_, .notPermitted): self = .permanent(.notStarted(program, why))
        default: self = .transient(.notStarted(program, why))
        }
    }
}
