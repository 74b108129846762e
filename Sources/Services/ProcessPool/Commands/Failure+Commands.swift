import MartletCore

/// What is said when a command fails. Names the program, never its arguments or what it wrote: those may hold the job's data.
extension Failure {
    static func notFound(_ program: String) -> Failure {
        Failure(
            kind: "command-not-found",
            message: program.utf8.contains(UInt8(ascii: "/"))
                ? "the program '\(program)' does not exist; install it or correct the command"
                : "the program '\(program)' is in no folder of PATH; install it or give its full path")
    }

    static func notExecutable(_ program: String, _ why: String) -> Failure {
        Failure(kind: "command-not-executable", message: "the program '\(program)' cannot be executed: \(why)")
    }

    static func badCommand(_ fault: CommandFault) -> Failure {
        Failure(kind: "command-invalid", message: "\(fault.field): \(fault.reason)")
    }

    static func notStarted(_ program: String, _ why: String) -> Failure {
        Failure(kind: "command-not-started", message: "the program '\(program)' could not be started: \(why)")
    }

    static func noFolder(_ folder: String) -> Failure {
        Failure(kind: "command-no-folder", message: "the working directory '\(folder)' cannot be entered")
    }

    static func exited(_ program: String, _ code: Int) -> Failure {
        Failure(kind: "exit-\(code)", message: "'\(program)' exited with code \(code); its log says more")
    }

    static func signalled(_ program: String, _ signal: Int) -> Failure {
        Failure(kind: "signal-\(signal)", message: "'\(program)' was ended by signal \(signal)")
    }

    static func killed(_ program: String) -> Failure {
        Failure(kind: "signal-9", message: "'\(program)' was killed by somebody else, perhaps because the machine ran out of memory")
    }

    static func cpuLimit(_ program: String, _ seconds: Int) -> Failure {
        Failure(kind: "cpu-limit", message: "'\(program)' used more than \(seconds) s of processor time")
    }

    static func timeout(_ program: String, _ limit: Duration) -> Failure {
        Failure(kind: "timeout", message: "'\(program)' ran longer than \(limit.inSeconds) s and was ended")
    }

    static func resultTooLarge(_ program: String) -> Failure {
        Failure(kind: "result-too-large", message: "the result of '\(program)' is larger than \(Limits.payloadBytes) bytes; store it elsewhere")
    }

    static func unguarded(_ why: String) -> Failure {
        Failure(
            kind: "orphan-guard",
            message: "nothing would end the command if this server died: \(why); mend that, or start the pool without its guard")
    }
}
