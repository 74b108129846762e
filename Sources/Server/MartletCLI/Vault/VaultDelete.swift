import ArgumentParser
import MartletHTTP
import Vault

/// `martlet vault delete`.
struct VaultDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Remove a secret for good.")

    @Argument(help: "The secret's name.") var name: String
    @Option(help: "Whose secret.") var tenant = ""
    @OptionGroup var options: VaultOptions

    func run() async throws {
        try await options.withAuditedVault { vault, audit in
            try await vault.delete(name, tenant: tenant)
            await audit.record(AuditEntry(.deleteSecret, secret: name, tenant: tenant))
        }
        Terminal.standard.say("\(name) is deleted")
    }
}
