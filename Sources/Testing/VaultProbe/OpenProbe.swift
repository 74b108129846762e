import Database
import Logging
import Martlet
import MartletCore
import Outbound
import OutboundTokens
import PostgresStore
import SQLiteStore
import Vault

/// Everything that one process of a server has for its connections, opened as a server does.
struct OpenProbe: Sendable {
    let connections: Connections
    let store: any Store

    private static let loopback = ["127.0.0.0/8", "::1/128"].compactMap { Network($0) }

    var uptime: Duration { Environment.system.clock.uptime() }

    /// Opens it, hands it over, and closes it.
    static func with(_ settings: ProbeSettings, _ body: (OpenProbe) async throws -> Void) async throws {
        let system = Environment.system
        // The machine's clock is ahead of the server's, for the vault alone: the store's is the one clock that leases go by.
        let shifted = Environment(clock: ShiftedClock(base: system.clock, by: try settings.seconds("ahead", 0)), random: system.random)
        let address = try settings.text("store")
        let store: any Store
        if address.hasPrefix("postgres") { store = try await PostgresStore(address) } else { store = try await SQLiteStore(path: address) }
        let database = try await SQLDatabase.open(try settings.text("database"), schemas: [Vault.schema], environment: system)
        let source = KeySource.file(path: try settings.text("key"))
        try await Vault.initialise(database, keys: source, environment: system)
        let vault = try await Vault.open(database, keys: source, environment: shifted)
        let client = OutboundClient(store: store, environment: system, logger: Logger(label: "probe.outbound"))
        let held: any LeaseKeeper = settings.isHeedless ? HeedlessLeases(store: store, environment: system) : Engine(store: store)
        let leases: any LeaseKeeper = settings.sweeps ? held : SweeplessLeases(base: held, clock: system.clock)
        var options = ConnectionOptions()
        options.leaseDuration = try settings.seconds("lease", 30)
        options.exchangeTimeout = try settings.seconds("timeout", 15)
        options.sweepInterval = try settings.seconds("sweep", 15)
        let connections = Connections(
            vault: vault, leases: leases, store: store,
            exchange: OutboundTokenExchange(client, networks: loopback), options: options)
        try await body(OpenProbe(connections: connections, store: store))
        try await client.shutdown()
        await database.close()
        if let store = store as? SQLiteStore { await store.close() }
        if let store = store as? PostgresStore { await store.close() }
    }

    /// Runs the connections while `body` runs, and stops them as a server does.
    func running(_ body: @escaping @Sendable () async -> Void) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await connections.run() }
            await body()
            connections.stop()
        }
    }
}
