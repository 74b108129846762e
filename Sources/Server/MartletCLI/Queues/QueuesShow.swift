import ArgumentParser
import MartletCore
import MartletHTTP

/// `martlet queues show`.
struct QueuesShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one queue.")

    @Argument(help: "The queue's name.") var name: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        try await storeOptions.withStore { session in
            let queue = try await session.queue(name)
            if output.json { session.terminal.say(WireJSON.queue(queue)) } else { session.terminal.say(facts: QueueLimits.facts(of: queue)) }
        }
    }
}

extension StoreSession {
    /// - Throws: `StoreError.notFound`.
    func queue(_ name: String) async throws -> QueueState {
        guard let queue = try await store.overview().queues.first(where: { $0.name == name }) else { throw StoreError.notFound("queue '\(name)'") }
        return queue
    }
}
