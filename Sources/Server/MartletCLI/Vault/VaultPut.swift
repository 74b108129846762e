import ArgumentParser
import MartletHTTP
import Vault

/// `martlet vault put`.
struct VaultPut: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Seal what comes on standard input under a name; one line's end is dropped.",
        discussion: "There is no option for the value: arguments are seen by every user of the machine and kept in the shell's history.")

    @Argument(help: "The secret's name.") var name: String
    @Option(help: "Whose secret.") var tenant = ""
    @OptionGroup var options: VaultOptions

    func run() async throws {
        var bytes = try LineSource(.standardInput).readAll(atMost: Vault.secretBytesMax + 2)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        let secret = Secret(bytes)
        try await options.withAuditedVault { vault, audit in
            try await vault.put(secret, named: name, tenant: tenant)
            await audit.record(AuditEntry(.putSecret, secret: name, tenant: tenant))
        }
        Terminal.standard.say("\(name) is sealed")
    }
}
