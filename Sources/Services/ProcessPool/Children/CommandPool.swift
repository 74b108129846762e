import MartletCore
import Synchronization

/// Runs executables as the handlers of jobs.
///
/// `run()` has to be running: commands live in its task tree, not in their callers', because a command that is being ended needs time, and a
/// cancelled task has none (its sleeps return at once). A caller that is cancelled asks for the end of its command and waits for it.
///
/// Stop the pool after everything that calls `execute`.
public final class CommandPool: Sendable {
    struct Attempt: Sendable {
        let spec: CommandSpec
        let run: CommandRun
        let sink: CommandSink
        let stop: StopRequest
        let answer: CheckedContinuation<CommandResult, any Error>
    }

    private let environment: Environment
    private let server: @Sendable (String) -> String?
    let orphanGuard: OrphanGuard?
    /// Holds at most what its callers have under way at once.
    private let attempts: AsyncStream<Attempt>
    private let entrance: AsyncStream<Attempt>.Continuation
    private let isRun = Atomic(false)

    /// - Parameters:
    ///   - server: a variable of the server's environment, from which commands get those they are allowed.
    ///   - endsOrphans: whether commands are ended when this process dies without having ended them (see `OrphanGuard`). Needs `/bin/sh`
    ///     and `grep`; without them every command is refused rather than run unguarded.
    public init(
        environment: Environment = .system, server: @escaping @Sendable (String) -> String? = CommandPool.serverVariable,
        endsOrphans: Bool = true
    ) {
        self.environment = environment
        self.server = server
        orphanGuard = endsOrphans ? OrphanGuard(environment) : nil
        (attempts, entrance) = AsyncStream.makeStream(of: Attempt.self)
    }

    /// A variable of this process's environment.
    @Sendable public static func serverVariable(_ name: String) -> String? {
        CleanEnvironment.ofThisProcess(name)
    }

    /// Runs what `execute` asks for, until `stop()` was called and everything has ended. Cancelling it ends the running commands, with their
    /// grace. To be called once.
    public func run() async {
        precondition(!isRun.exchange(true, ordering: .relaxed), "a command pool is run once")
        await withTaskGroup(of: Void.self) { tasks in
            if let orphanGuard { tasks.addTask { await orphanGuard.keep() } }
            await withDiscardingTaskGroup { running in
                for await attempt in attempts {
                    running.addTask { await self.perform(attempt) }
                }
            }
            orphanGuard?.release()
        }
    }

    /// Takes no further commands; `run` returns when those it has are done.
    public func stop() {
        entrance.finish()
    }

    /// Runs a command for a job and returns how that ended. If the calling task is cancelled, the command gets SIGTERM, and SIGKILL after
    /// its grace; the call returns when it is gone.
    /// - Parameter sink: takes what the command says while it runs.
    /// - Throws: what `sink` threw, after the command was ended; `SubprocessError` where its output could not be read.
    public func execute(_ spec: CommandSpec, _ run: CommandRun, sink: @escaping CommandSink) async throws -> CommandResult {
        let stop = StopRequest()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { answer in
                let attempt = Attempt(spec: spec, run: run, sink: sink, stop: stop, answer: answer)
                if case .terminated = entrance.yield(attempt) { answer.resume(returning: .cancelled) }
            }
        } onCancel: {
            stop.raise(.cancelled)
        }
    }

    private func perform(_ attempt: Attempt) async {
        do {
            attempt.answer.resume(returning: try await result(of: attempt))
        } catch {
            attempt.answer.resume(throwing: error)
        }
    }

    private func result(of attempt: Attempt) async throws -> CommandResult {
        let spec = attempt.spec
        var launch: Launch
        do throws(ProgramFault) {
            launch = try Launch(spec, attempt.run, server: server)
        } catch {
            return .permanent(error.failure)
        }
        if let orphanGuard {
            if let fault = await orphanGuard.fault() { return .transient(.unguarded(fault)) }
            launch.variables[OrphanGuard.variable] = orphanGuard.mark
        }
        guard attempt.stop.reason == nil, !Task.isCancelled else { return .cancelled }
        let conversation = Conversation(spec, sink: attempt.sink, stop: attempt.stop)
        let child = Child(spec: spec, launch: launch, stop: attempt.stop, conversation: conversation, clock: environment.clock)
        let end: Child.End
        do {
            end = try await child.live(payload: attempt.run.payload)
        } catch {
            return Task.isCancelled ? .cancelled : CommandResult(error, spec)
        }
        if let error = conversation.error { throw error }
        return Task.isCancelled ? .cancelled : CommandResult(end, spec, conversation)
    }
}
