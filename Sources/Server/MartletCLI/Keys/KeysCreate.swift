import ArgumentParser
import MartletCore
import MartletHTTP

/// `martlet keys create`.
struct KeysCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a key and print it, this one time.",
        discussion: "Scopes: \(Scope.allCases.map(\.rawValue).joined(separator: ", ")). admin is all of them.")

    @Argument(help: "What to call it: what uses it, or who.") var name: String
    @Option(help: "What it may do, with commas between: jobs:read,jobs:write.") var scopes: ScopesArgument
    @Option(help: "The one tenant whose jobs and streams it sees and writes. Default: all.") var tenant: String?
    @Option(help: "How long it may be used: seconds, or ISO 8601 as in P90D. Default: until it is revoked.") var expires: DurationArgument?
    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var databaseOptions: DatabaseOptions

    func run() async throws {
        let wish = NewKey(name: name, scopes: scopes.scopes, tenant: tenant, lifetime: expires?.duration)
        if let fault = wish.fault { throw CommandFailure(.usage, "\(fault)") }
        try await storeOptions.withStore(creates: true, database: databaseOptions) { session in
            let (key, secret) = try await OpenKeys.with(session.configuration, environment: session.environment) { keys in
                try await keys.create(wish)
            }
            await AuditLog(store: session.store).record(AuditEntry(.createKey, "key/\(key.id)", by: KeysCommand.principal))
            if output.json {
                session.terminal.say(KeyLine.json(key, secret: secret).description)
            } else {
                session.terminal.say(secret.text)
                session.terminal.note(
                    "This is the only time the key is shown. It may: \(key.scopes.text)\(key.tenant.map { ", for tenant \($0)" } ?? "").")
                session.terminal.note("Send it as 'Authorization: Bearer KEY'. Servers of this store now ask everybody for a key.")
            }
        }
    }
}
