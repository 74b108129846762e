import ArgumentParser

/// What serve and work have in common.
struct RunOptions: ParsableArguments {
    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var databaseOptions: DatabaseOptions
    @Flag(help: "Refuse a Redis that may lose accepted work: without an append-only file, or one that evicts. Default: warn.")
    var requireDurable = false
    @Option(help: "What this process does, of api, worker and triggers, with commas between them.") var roles: String?
    @Option(help: "Jobs running at once, besides commands.") var concurrency: String?
    @Option(help: "Commands running at once.") var commandSlots: String?
    @Option(help: "How long jobs may finish when the server stops, in seconds.") var grace: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical.") var logLevel: String?
    @Option(help: "text for people, json for programs.") var logFormat: String?

    /// The flags are read like the settings they stand for, so that they are checked by the same rules and all at once.
    func configuration(listen: String? = nil) throws -> Configuration {
        let settings: [(path: String, flag: String, value: String?)] = [
            ("listen", "--listen", listen), ("store", "--store", storeOptions.store), ("roles", "--roles", roles),
            ("database", "--database", databaseOptions.database),
            ("require_durable", "--require-durable", requireDurable ? "true" : nil),
            ("engine.concurrency", "--concurrency", concurrency), ("engine.command_slots", "--command-slots", commandSlots),
            ("engine.grace", "--grace", grace), ("log.level", "--log-level", logLevel), ("log.format", "--log-format", logFormat),
        ]
        var flags: [String: ConfigurationReader.Override] = [:]
        for (path, flag, value) in settings {
            if let value { flags[path] = .init(text: value, origin: .flag(flag)) }
        }
        return try Configuration.load(flags: flags, file: storeOptions.config)
    }
}
