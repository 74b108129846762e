import ArgumentParser
import MartletCore

/// `martlet queues resume`.
struct QueuesResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Start jobs of a paused queue again.")

    @Argument(help: "The queue's name.") var name: String
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        try await storeOptions.withStore { session in
            _ = try await session.queue(name)
            let queue = try await session.store.set(name, .paused(false))
            session.terminal.say("\(name) is served again, \(Wording.plural(queue.counts.ready, "job")) ready")
        }
    }
}
