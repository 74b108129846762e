import ArgumentParser

/// Which database a command works on, where it needs one beside the store.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: """
            Where services and applications keep their tables: sqlite:martlet-data.db or postgres://…. Default: the store where it is PostgreSQL, \
            else a file beside it.
            """)
    var database: String?
}
