import ArgumentParser
import MartletCore
import MartletHTTP

/// `martlet keys list`.
struct KeysList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the keys, without the keys themselves; revoked and expired ones for ninety days.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var databaseOptions: DatabaseOptions

    func run() async throws {
        try await storeOptions.withStore(database: databaseOptions) { session in
            let keys = try await OpenKeys.with(session.configuration, environment: session.environment) { try await $0.list() }
            if output.json {
                for key in keys { session.terminal.say(KeyLine.json(key).description) }
                return
            }
            var table = Table(KeyLine.columns)
            let now = session.environment.clock.now()
            for key in keys { table.add(KeyLine.cells(key, now: now)) }
            session.terminal.say(table)
            if keys.isEmpty {
                session.terminal.note("no keys yet: make one with '\(Process.invocation) keys create NAME --scopes jobs:read,jobs:write'")
            }
        }
    }
}
