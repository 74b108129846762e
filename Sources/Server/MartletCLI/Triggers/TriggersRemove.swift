import ArgumentParser
import MartletCore

/// `martlet triggers remove`.
struct TriggersRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a trigger; the jobs it has made stay.")

    @Argument(help: "The trigger's name.") var name: String
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        try await storeOptions.withStore { session in
            _ = try await session.trigger(name)
            _ = try await session.store.put(nil, named: name)
            session.terminal.say("\(name) is removed")
        }
    }
}
