import ArgumentParser

/// `martlet vault`.
struct VaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault", abstract: "Keep secrets, sealed under a key outside the database.",
        discussion: """
            The key is in a file (--key-file or MARTLET_VAULT_KEY_FILE, by default martlet-vault.key) or in MARTLET_VAULT_KEY. Without it nothing \
            can be opened: keep a copy apart from the backups of the database.
            """,
        subcommands: [VaultInit.self, VaultRotate.self, VaultList.self, VaultPut.self, VaultDelete.self])
}
