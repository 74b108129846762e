import ArgumentParser
import Martlet

/// `martlet jobs signal`.
struct JobsSignal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal", abstract: "Send a job what its handler waits for; it may come before the handler waits.")

    @Argument(help: "The job's id.") var id: JobID
    @Argument(help: "The signal's name, as in approved.") var name: String
    @Option(help: "JSON that the handler gets; @FILE reads a file, - standard input.") var data = "null"
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        let payload = try PayloadSource.read(data, of: "--data")
        try await storeOptions.withStore { session in
            let engine = Engine(store: session.store, environment: session.environment)
            let sequence = try await engine.signal(id, name, data: payload)
            session.terminal.note("signal \(name) is event \(sequence) of job \(id)")
        }
    }
}
