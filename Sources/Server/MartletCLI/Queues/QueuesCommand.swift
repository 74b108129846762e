import ArgumentParser

/// `martlet queues`.
struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues", abstract: "Look at queues, set their limits, pause and resume them.",
        subcommands: [QueuesList.self, QueuesShow.self, QueuesSet.self, QueuesPause.self, QueuesResume.self], defaultSubcommand: QueuesList.self)
}
