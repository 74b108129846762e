import ArgumentParser

/// `martlet jobs`.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Look at jobs, cancel them, revive them, signal them.",
        subcommands: [JobsList.self, JobsShow.self, JobsTail.self, JobsCancel.self, JobsRevive.self, JobsSignal.self],
        defaultSubcommand: JobsList.self)
}
