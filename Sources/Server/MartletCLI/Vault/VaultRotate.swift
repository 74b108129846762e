import ArgumentParser
import MartletHTTP
import Vault

/// `martlet vault rotate`.
struct VaultRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Change the key while servers go on; stopped half-way, run it again.",
        discussion: """
            A key file gets a new key in front. A key in the environment is rotated by putting a new one in front of it, a comma between, and giving \
            both to every process before this is run.
            """)

    @Flag(help: "Remove keys from the file that nothing needs any more. Backups made before need them.")
    var forget = false

    @OptionGroup var options: VaultOptions

    func run() async throws {
        let terminal = Terminal.standard
        let report = try await options.withAuditedVault { vault, audit in
            let report = try await vault.rotate(forgetting: forget) { done in
                if terminal.errorIsTerminal { terminal.live("\(Wording.count(done)) wrapped anew") }
            }
            await audit.record(AuditEntry(.rotateVault, "vault/\(report.key)", by: KeysCommand.principal))
            return report
        }
        terminal.say("the vault seals under the key \(report.key), \(Wording.plural(report.rewrapped, "secret")) wrapped anew")
        for name in report.damaged { terminal.note("damaged, left as it is: \(name)") }
        guard report.damaged.isEmpty else {
            throw CommandFailure(.failed, "the keys before stay in use while there are damaged rows: put these secrets again, or delete them")
        }
    }
}
