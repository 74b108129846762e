import ArgumentParser
import MartletCore
import Vault

/// `martlet vault list`.
struct VaultList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the names of secrets; opens none of them.")

    @Option(help: "Whose secrets.") var tenant = ""
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: VaultOptions

    func run() async throws {
        let terminal = Terminal.standard
        try await options.withVault { vault in
            var table = Table([.flexible("NAME"), .text("KEY"), .text("CREATED"), .text("UPDATED")])
            var last = ""
            var count = 0
            while true {
                let page = try await vault.list(tenant: tenant, after: last, limit: Limits.pageMax)
                for secret in page {
                    if output.json { terminal.say(Self.json(secret).description) }
                    table.add([secret.name, secret.keyID, "\(secret.createdAt)", "\(secret.updatedAt)"])
                }
                count += page.count
                guard let end = page.last, page.count == Limits.pageMax else { break }
                last = end.name
            }
            if output.json { return }
            terminal.say(table)
            if count == 0 { terminal.note("no secrets yet") }
        }
    }

    private static func json(_ secret: SecretSummary) -> JSON {
        [
            "name": .string(secret.name), "tenant": .string(secret.tenant), "key": .string(secret.keyID),
            "created_at": .string("\(secret.createdAt)"), "updated_at": .string("\(secret.updatedAt)"),
        ]
    }
}
