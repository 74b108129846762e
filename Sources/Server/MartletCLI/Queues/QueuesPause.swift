import ArgumentParser
import MartletCore

/// `martlet queues pause`.
struct QueuesPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Start no more jobs of a queue; running ones finish, new ones are accepted.")

    @Argument(help: "The queue's name.") var name: String
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        try await storeOptions.withStore { session in
            _ = try await session.queue(name)
            let queue = try await session.store.set(name, .paused(true))
            session.terminal.say("\(name) is paused, \(Wording.plural(queue.counts.ready, "job")) ready")
        }
    }
}
