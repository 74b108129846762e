import ArgumentParser

/// `martlet keys`.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make API keys, list them, revoke them.",
        discussion: """
            From its first key on a server asks everybody for one, and may listen on addresses that other machines reach. Running servers learn of
            a new key or of a revoked one within about a second.
            """,
        subcommands: [KeysCreate.self, KeysList.self, KeysRevoke.self], defaultSubcommand: KeysList.self)

    /// Who uses this command line, as the audit calls it.
    static var principal: String { "command line (\(Process.user))" }
}
