import ArgumentParser
import MartletCore

/// `martlet migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Make the store, or bring it to this version; serve and work do the same when they start.")

    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        let configuration = try storeOptions.configuration()
        let isNew = !configuration.store.exists
        try await StoreOptions.withStore(configuration, creates: true) { session in
            let overview = try await session.store.overview()
            let counts = overview.queues.reduce(Counts()) { $0 + $1.counts }
            session.terminal.say(
                isNew ? "made \(configuration.store)" : "\(configuration.store) is up to date, \(Wording.plural(counts.total, "job"))")
        }
    }
}
