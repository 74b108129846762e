import ArgumentParser

/// The program.
@main
struct MartletCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "A self-hosted engine for durable background work.",
        discussion: """
            Settings come from flags, then MARTLET_… variables of the environment, then martlet.yaml, then defaults.
            Commands other than serve and work open the store themselves: they need no running server and do not mind one.

            Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 not found, 4 refused by the store.
            Shell completions: martlet --generate-completion-script bash|zsh|fish
            """,
        version: Version.text,
        subcommands: [
            ServeCommand.self, WorkCommand.self, EnqueueCommand.self, JobsCommand.self, QueuesCommand.self, TriggersCommand.self,
            KeysCommand.self, VaultCommand.self, MigrateCommand.self, CopyCommand.self, BenchCommand.self, DoctorCommand.self,
        ])

    static func main() async {
        Allocator.bound()
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(after: error)
        }
    }

    /// Says what went wrong and ends the process with the exit code of the table above.
    private static func exit(after error: any Error) -> Never {
        // The parser's own errors, among them the requests for help, the version and completion scripts.
        switch exitCode(for: error) {
        case .success:
            Terminal.standard.say(fullMessage(for: error))
            Process.exit(0)
        case .validationFailure:
            Terminal.standard.note(fullMessage(for: error))
            Process.exit(CommandFailure.Code.usage.rawValue)
        default:
            let failure = CommandFailure(error)
            if !failure.description.isEmpty { Terminal.standard.note("martlet: \(failure.description)") }
            Process.exit(failure.code.rawValue)
        }
    }
}
