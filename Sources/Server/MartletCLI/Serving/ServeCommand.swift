import ArgumentParser

/// `martlet serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run jobs, and serve the HTTP API and the dashboard.",
        discussion: """
            SIGTERM or SIGINT stops it: running jobs may finish within the grace; a second signal cancels and requeues them, a third ends the
            process at once. Nothing is lost either way, nor by SIGKILL.
            """)

    @Option(help: "The address and port to listen on. Default: 127.0.0.1:8080.") var listen: String?
    @OptionGroup var options: RunOptions

    func run() async throws {
        try await Supervisor(try options.configuration(listen: listen)).run()
    }
}
