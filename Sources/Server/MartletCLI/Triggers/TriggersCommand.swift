import ArgumentParser

/// `martlet triggers`.
struct TriggersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "triggers", abstract: "Look at triggers, their coming slots, make and remove them.",
        subcommands: [TriggersList.self, TriggersShow.self, TriggersPut.self, TriggersRemove.self, TriggersNext.self],
        defaultSubcommand: TriggersList.self)
}
