import ArgumentParser
import MartletCore

/// `martlet migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Make the store and the database beside it, or bring them to this version; serve and work do the same when they start.")

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var databaseOptions: DatabaseOptions

    func run() async throws {
        let configuration = try storeOptions.configuration(databaseOptions)
        let isNew = !configuration.store.exists
        try await StoreOptions.withStore(configuration, creates: true) { session in
            let overview = try await session.store.overview()
            let counts = overview.queues.reduce(Counts()) { $0 + $1.counts }
            session.terminal.say(
                isNew ? "made \(configuration.store)" : "\(configuration.store) is up to date, \(Wording.plural(counts.total, "job"))")
        }
        let terminal = Terminal.standard
        try await OpenDatabase.with(configuration.database, environment: .system) { _ in
            terminal.say("\(configuration.database) is up to date")
        }
    }
}
