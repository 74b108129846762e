import Martlet
import ProcessPool

/// Runs a command as the handler of its kind.
struct CommandHandler: Sendable {
    /// The pool of the engine whose slots commands take.
    static let pool = "commands"

    /// With `CrashPoint.Place.duringCommand`: time for the program to have begun.
    private static let crashDelay: Duration = .milliseconds(50)

    private let spec: CommandSpec
    private let commands: CommandPool
    private let crashPoint: CrashPoint?

    init(_ spec: CommandSpec, in commands: CommandPool, crashPoint: CrashPoint? = nil) {
        var spec = spec
        // The engine keeps the time: a job's own limit goes before its kind's.
        spec.timeout = nil
        self.spec = spec
        self.commands = commands
        self.crashPoint = crashPoint
    }

    /// The job's result.
    /// - Throws: `CommandEnding` for a command that failed; `CancellationError` for one that was ended because its attempt was.
    func run(_ context: JobContext) async throws -> Payload? {
        guard let crashPoint, crashPoint.comesDown(at: .duringCommand) else { return try await execute(context) }
        return try await withThrowingTaskGroup(of: Payload?.self) { group in
            group.addTask { try await execute(context) }
            try await context.environment.clock.sleep(for: Self.crashDelay)
            CrashPoint.crash()
            return try await group.next() ?? nil
        }
    }

    private func execute(_ context: JobContext) async throws -> Payload? {
        let result = try await commands.execute(spec, CommandRun(context.job)) { output in
            switch output {
            case .output(let line): await context.stream("output", Payload(["line": .string(line)]))
            case .log(let line): await context.stream("log", Payload(["line": .string(line)]))
            case .progress(let progress): context.progress(progress.fraction, progress.message)
            // Both come again with the command's end.
            case .result, .retryAfter: break
            }
        }
        switch result {
        case .succeeded(let payload): return payload
        case .transient(let failure), .timedOut(let failure): throw CommandEnding(failure: failure, failureClass: .transient)
        case .permanent(let failure): throw CommandEnding(failure: failure, failureClass: .permanent)
        case .rateLimited(let failure, let delay): throw CommandEnding(failure: failure, failureClass: .rateLimited(after: delay))
        case .cancelled: throw CancellationError()
        }
    }
}
