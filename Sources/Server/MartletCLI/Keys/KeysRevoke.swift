import ArgumentParser
import MartletHTTP

/// `martlet keys revoke`.
struct KeysRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End keys, and the sessions of the dashboard that were begun with them.")

    @Argument(help: "The ids of the keys, as 'keys list' shows them.") var ids: [String]
    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var databaseOptions: DatabaseOptions

    func run() async throws {
        try await storeOptions.withStore(database: databaseOptions) { session in
            try await OpenKeys.with(session.configuration, environment: session.environment) { keys in
                for id in ids {
                    let key = try await keys.revoke(id)
                    await AuditLog(store: session.store).record(AuditEntry(.revokeKey, "key/\(key.id)", by: KeysCommand.principal))
                    session.terminal.say("revoked \(key.id) (\(TextWidth.harmless(key.name)))")
                }
            }
        }
    }
}
