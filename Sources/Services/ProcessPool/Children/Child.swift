import Glibc
import MartletCore
import Subprocess
import SystemPackage

/// One attempt's process, from its start until nothing of it is left.
///
/// The process leads a session, and with it a group, of its own. Whatever it starts is in that group unless it takes care not to be, and
/// the whole group is ended with it: at the deadline, on cancellation, and also when the program ends by itself and leaves others behind,
/// for the next attempt must not find them still writing. A process that begins a session of its own escapes this; it ends with the server
/// (`OrphanGuard`), or with the container.
struct Child: Sendable {
    /// A program can have left at most one pipe full of output when it exited; that is read, what others go on writing is not.
    private static let pipeBytesMax = 1 << 20

    let spec: CommandSpec
    let launch: Launch
    let stop: StopRequest
    let conversation: Conversation
    let clock: any EngineClock

    /// How the process ended, and whether that was asked for before it did.
    struct End: Sendable {
        var status: TerminationStatus
        var reason: StopRequest.Reason?
    }

    /// Starts the process and returns when it and its group are gone and everything it said is with the sink.
    func live(payload: Payload) async throws -> End {
        let deadline = spec.timeout.map { clock.uptime() + $0 }
        let input = try PayloadFile.make(payload)
        defer { close(input.rawValue) }
        var options = PlatformOptions()
        options.createSession = true
        // Only for a pool whose own task is cancelled: the library then ends the process itself, and this says how.
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: spec.grace)]
        var variables: [Subprocess.Environment.Key: String] = [:]
        for (name, value) in launch.variables {
            if let key = Subprocess.Environment.Key(rawValue: name) { variables[key] = value }
        }
        let outcome = try await Subprocess.run(
            .path(FilePath(launch.file)),
            arguments: Arguments(executablePathOverride: launch.arguments[0], remainingValues: Array(launch.arguments.dropFirst())),
            environment: .custom(variables),
            workingDirectory: FilePath(spec.workingDirectory),
            platformOptions: options,
            input: .fileDescriptor(input, closeAfterSpawningProcess: false),
            output: .sequence,
            error: .sequence
        ) { execution in
            await supervise(execution, until: deadline)
        }
        return End(status: outcome.terminationStatus, reason: outcome.closureResult)
    }

    private typealias Running = Execution<FileDescriptorInput, SequenceOutput, SequenceOutput>

    /// - Returns: why the process was stopped, if that was asked for before it exited.
    private func supervise(_ execution: Running, until deadline: Duration?) async -> StopRequest.Reason? {
        let exit = ExitNotice()
        async let output: Void = read(execution.standardOutput, .output, exit)
        async let log: Void = read(execution.standardError, .log, exit)
        await end(execution, at: deadline)
        let reason = stop.reason
        exit.post()
        _ = await (output, log)
        return reason
    }

    /// Returns when the process has exited, having ended it where that was asked for, and has ended its group.
    private func end(_ execution: Running, at deadline: Duration?) async {
        let group = execution.processIdentifier.value
        await withTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                await execution.untilExit()
                return true
            }
            if let deadline {
                tasks.addTask {
                    if await hasReached(deadline) { stop.raise(.timedOut) }
                    return false
                }
            }
            tasks.addTask {
                await stop.wait()
                guard stop.reason != nil else { return false }
                let last = clock.uptime() + spec.grace
                signal(group, SIGTERM)
                // A process that is stopped takes no notice of SIGTERM.
                signal(group, SIGCONT)
                if await hasReached(last) { signal(group, SIGKILL) }
                return false
            }
            for await hasExited in tasks where hasExited {
                signal(group, SIGKILL)
                tasks.cancelAll()
            }
        }
    }

    /// Waits; `false` if the wait was cut short because the process is gone.
    private func hasReached(_ instant: Duration) async -> Bool {
        do {
            try await clock.sleep(until: instant)
            return true
        } catch {
            return false
        }
    }

    /// To every process of the group. That the group may be gone already is no error.
    private func signal(_ group: pid_t, _ number: Int32) {
        _ = kill(-group, number)
    }

    /// Reads to the end: until every writer has closed the pipe, or the process has exited and the pipe is empty. Never stops reading before
    /// that, kept or not, so that the program never waits on a full pipe for a reader that is gone.
    private func read(_ stream: SubprocessOutputSequence, _ voice: Conversation.Voice, _ exit: ExitNotice) async {
        var splitter = LineSplitter(keptMax: spec.lineBytesMax, objectMax: voice == .output ? ControlLine.bytesMax : 0)
        var left = Self.pipeBytesMax
        do {
            for try await buffer in stream {
                let lines = buffer.withUnsafeBytes { splitter.feed($0) }
                for line in lines { await conversation.hear(line, voice) }
                guard exit.isPosted else { continue }
                left -= buffer.count
                if left < 0 { break }
            }
        } catch {
            conversation.fail(error)
        }
        if let line = splitter.finish() { await conversation.hear(line, voice) }
    }
}
