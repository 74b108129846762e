import ArgumentParser
import Martlet
import MartletCore

/// `martlet copy`.
struct CopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "Move everything from one store to another while both are up.",
        discussion: """
            Pauses the source's queues and its triggers on time, waits for what runs there, and copies jobs with their steps, keys and
            streams, and triggers with their slots, in as many passes as it takes. It ends with 0 once every job of the source is at the
            target as it is. Killed or stopped, it goes on where it was when it is run again. The source stays paused, and so does the
            target until --start: then what was served at the source is served at the target. What clients still send to the source
            waits there, and a later run takes it over.

            Not copied: named leases and rate buckets, signs of life, and streams that neither a job nor a trigger names (see --stream); nor
            what is in the database beside a store: API keys, secrets and records. Go on with that database (--database).
            """)

    @Option(help: "The store to copy from: sqlite:martlet.db, postgres://… or redis://….")
    var from: String

    @Option(help: "The store to copy to; made where there is none.")
    var to: String

    @Flag(help: "Set the target to work once everything is there: its queues are resumed, its triggers fire.")
    var start = false

    @Flag(help: "Only say what would be copied.")
    var dryRun = false

    @Option(help: "How long to wait for jobs that still run at the source.")
    var wait = DurationArgument(.seconds(60))

    @Option(name: .customLong("stream"), help: "A stream to copy besides those that jobs, queues and triggers name; repeatable.")
    var streams: [String] = []

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (source, target) = (try address(from, "--from"), try address(to, "--to"))
        if source == target { throw CommandFailure(.usage, "--from and --to name the same store") }
        guard source.exists else { throw CommandFailure(.notFound, "there is no store at \(source)") }
        if dryRun, !target.exists { throw CommandFailure(.notFound, "there is no store at \(target): make it with 'migrate' for a dry run") }
        let point = try CrashPoint.fromEnvironment()
        try await OpenStore.with(source, environment: .system) { theirs in
            try await OpenStore.with(target, environment: .system) { ours in
                for warning in ours.warnings { Terminal.standard.note("\(target): \(warning)") }
                try await copy(theirs.store, ours.store.crashing(at: point), source, target)
            }
        }
    }

    private func address(_ text: String, _ option: String) throws -> StoreAddress {
        guard let address = StoreAddress(text, relativeTo: FilePaths.currentFolder) else {
            throw CommandFailure(.usage, "\(option) \(StoreAddress.hint)")
        }
        return address
    }

    private func copy(_ theirs: any Store, _ ours: any Store, _ source: StoreAddress, _ target: StoreAddress) async throws {
        var options = StoreCopy.Options()
        options.startsTarget = start
        options.isRehearsal = dryRun
        options.patience = wait.duration
        options.streams = streams
        let bar = CopyBar(.standard, clock: Environment.system.clock)
        let copy = StoreCopy(from: theirs, to: ours, options: options, environment: .system) { bar.show($0) }
        let report: CopyReport
        do {
            report = try await copy.run()
        } catch let error as CopyError {
            throw CommandFailure(error.code, error.description)
        }
        if !dryRun { bar.finish(report) }
        let summary = CopySummary(report, isRehearsal: dryRun, source: source, target: target)
        if output.json { Terminal.standard.say(summary.json) } else { summary.say(to: .standard) }
    }
}

extension CopyError {
    fileprivate var code: CommandFailure.Code {
        switch self {
        case .sameStore: .usage
        case .targetServes, .triggerDiffers, .refused: .refused
        case .busy, .stillRunning, .stillChanging, .countsDiffer, .lostLease: .failed
        }
    }
}
