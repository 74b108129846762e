import ArgumentParser
import MartletCore

/// Which store a command works on.
struct StoreOptions: ParsableArguments {
    @Option(help: "The store: sqlite:martlet.db (a relative path is relative to the current folder), postgres://… or redis://….")
    var store: String?

    @Option(help: "The configuration; martlet.yaml in the current folder where there is one.", completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    func configuration(
        _ databaseOptions: DatabaseOptions? = nil, _ further: [String: ConfigurationReader.Override] = [:]
    ) throws -> Configuration {
        var flags = further
        if let store { flags["store"] = .init(text: store, origin: .flag("--store")) }
        if let database = databaseOptions?.database { flags["database"] = .init(text: database, origin: .flag("--database")) }
        return try Configuration.load(flags: flags, file: config)
    }

    /// Opens the store, hands it over, and closes it.
    /// - Parameter creates: whether a store that is not there is made; otherwise its absence is an error, since a command that reads
    ///   or enqueues in the wrong folder would make an empty one and say nothing.
    func withStore<Result>(
        creates: Bool = false, database: DatabaseOptions? = nil, _ body: (StoreSession) async throws -> Result
    ) async throws -> Result {
        let configuration = try configuration(database)
        return try await Self.withStore(configuration, creates: creates, body)
    }

    static func withStore<Result>(
        _ configuration: Configuration, creates: Bool, _ body: (StoreSession) async throws -> Result
    ) async throws -> Result {
        guard creates || configuration.store.exists else {
            throw CommandFailure(
                .notFound,
                """
                there is no store at \(configuration.store.path ?? configuration.store.description)
                Start one with '\(Process.invocation) serve' or '\(Process.invocation) migrate', or name another with --store.
                """)
        }
        let point = try CrashPoint.fromEnvironment()
        return try await OpenStore.with(configuration.store, environment: .system) { open in
            try await body(StoreSession(configuration: configuration, store: open.store.crashing(at: point), environment: .system))
        }
    }
}
