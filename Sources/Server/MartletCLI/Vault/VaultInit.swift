import ArgumentParser
import MartletCore
import Vault

/// `martlet vault init`.
struct VaultInit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a key and the tables; with a key that is there already, the tables alone.")

    @OptionGroup var options: VaultOptions

    func run() async throws {
        let terminal = Terminal.standard
        let configuration = try options.configuration()
        let source = VaultOptions.keySource(configuration)
        if case .file(let path) = source, !FilePaths.exists(path) {
            let id = try Vault.makeKeyFile(at: path)
            terminal.say("made the key \(id) in \(path)")
            terminal.note("keep a copy of it apart from the backups of the database: nothing opens without it")
        }
        try await VaultOptions.withDatabase(configuration, creates: true) { database in
            let id = try await Vault.initialise(database, keys: source, environment: .system)
            terminal.say("the vault seals under the key \(id)")
        }
    }
}
