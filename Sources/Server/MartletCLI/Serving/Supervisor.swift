import Database
import Logging
import Martlet
import MartletHTTP
import Metrics
import Outbound
import OutboundTokens
import ProcessPool
import Records
import ServiceLifecycle
import UnixSignals
import Vault

/// Puts one server process together, runs it, and takes it down in order.
struct Supervisor {
    /// What is open for as long as the process runs.
    private struct Parts {
        let store: any Store
        let access: AccessControl?
        let http: HTTPConfiguration
        let metrics: MetricsRegistry
        let log: SystemLog
        let outbound: OutboundClient
        let vault: Vault?
    }

    private let configuration: Configuration
    private let queues: [String: Int]?
    private let environment = Environment.system
    private let node = NodeID.thisProcess
    private let terminal = Terminal.standard

    /// - Parameter queues: the queues to take from, with a most for each; `nil` is every queue.
    init(_ configuration: Configuration, queues: [String: Int]? = nil) {
        self.configuration = configuration
        self.queues = queues
    }

    /// Returns when the process was asked to stop and everything is settled.
    func run() async throws {
        let crashPoint = try CrashPoint.fromEnvironment()
        let http = try httpConfiguration()
        let metrics = MetricsRegistry()
        let logs = LogBuffer(node: node.name, clock: environment.clock)
        MetricsSystem.bootstrap(PrometheusFactory(registry: metrics))
        LoggingSystem.bootstrap { label in
            MultiplexLogHandler([
                TerminalLogHandler(label: label, settings: configuration.log, clock: environment.clock, terminal: terminal),
                LogSinkHandler(label: label, sink: logs),
            ])
        }
        try await OpenStore.with(configuration.store, requiresDurable: configuration.requiresDurable, environment: environment) { open in
            let logger = Logger(label: "martlet.store")
            for warning in open.warnings { logger.warning("the store is not durable", metadata: ["reason": "\(warning)"]) }
            let store = open.store.crashing(at: crashPoint)
            try await OpenDatabase.with(configuration.database, environment: environment) { database in
                try await OpenOutbound.with(configuration.outboundNetworks, store: store, environment: environment) { outbound in
                    let log = SystemLog(logs, in: database, retention: configuration.log.retention, environment: environment)
                    let parts = Parts(
                        store: store, access: try await access(database, http, outbound), http: http, metrics: metrics, log: log,
                        outbound: outbound, vault: try await vault(database))
                    try await log.whileRunning { try await serve(parts, crashPoint) }
                }
            }
        }
    }

    /// Who is let in by a server that has an API. Asked before anything runs: a server that may not listen does no work either.
    private func access(_ database: SQLDatabase, _ http: HTTPConfiguration, _ outbound: OutboundClient) async throws -> AccessControl? {
        guard configuration.roles.contains(.api) else { return nil }
        let keys = KeyTable(database, environment: environment)
        let access = try await AccessControl.open(
            configuration.access, keys: keys, source: IssuerKeys(client: outbound), environment: environment)
        try access.checkAddress(http.host)
        return access
    }

    /// A key that is configured must be the right one: a server that cannot open its secrets does not start.
    private func vault(_ database: SQLDatabase) async throws -> Vault? {
        guard let source = configuration.vault else { return nil }
        return try await Vault.open(database, keys: source, environment: environment)
    }

    private func serve(_ parts: Parts, _ crashPoint: CrashPoint?) async throws {
        do {
            let engine = makeEngine(parts.store)
            try await StoredSettings(configuration).apply(to: engine)
            let commands = CommandPool(environment: environment)
            for (kind, command) in configuration.commands {
                let handler = CommandHandler(command.spec, in: commands, crashPoint: crashPoint)
                let options = HandlerOptions(timeout: command.spec.timeout, retry: command.retry, pool: CommandHandler.pool)
                engine.handle(kind: kind, options) { _, context in try await handler.run(context) }
            }
            var services: [any Service] = [CommandService(commands: commands)]
            if let vault = parts.vault {
                let connections = Connections(
                    vault: vault, leases: engine, store: parts.store, exchange: OutboundTokenExchange(parts.outbound))
                services.append(ConnectionService(connections: connections))
            }
            if let access = parts.access {
                services.append(
                    HTTPServer(engine: engine, configuration: parts.http, access: access, metrics: parts.metrics, logs: parts.log) { port in
                        Banner(configuration, port: port).show(on: terminal)
                    })
            } else {
                Banner(configuration, port: nil).show(on: terminal)
            }
            // The last is stopped first: the API answers while the engine drains, and commands end before their pool does.
            services.append(engine)
            try await run(services, engine)
        } catch {
            throw ListenFault.explain(error, at: configuration.listen)
        }
    }

    private func httpConfiguration() throws -> HTTPConfiguration {
        do throws(HTTPConfigurationError) {
            var http = try HTTPConfiguration(host: configuration.listen.host, port: configuration.listen.port)
            http.hooks = configuration.hooks
            http.hostNames = configuration.hostNames
            http.kindDefaults = configuration.commands.mapValues(\.defaults)
            return http
        } catch {
            throw CommandFailure(.usage, "listen: \(error)")
        }
    }

    private func makeEngine(_ store: any Store) -> Engine {
        var settings = EngineConfiguration(node: node)
        configuration.engine.apply(to: &settings)
        settings.roles = Set(configuration.roles.compactMap { EngineConfiguration.Role(rawValue: $0.rawValue) })
        settings.pools[CommandHandler.pool] = configuration.engine.commandSlots ?? max(2, Process.processors)
        settings.queues = queues
        return Engine(store: store, configuration: settings, environment: environment)
    }

    private func run(_ services: [any Service], _ engine: Engine) async throws {
        let group = ServiceGroup(configuration: .init(services: services.map { .init(service: $0) }, logger: Logger(label: "martlet.services")))
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await heed(signals, group, engine) }
            tasks.addTask {
                await engine.waitUntilAbandoned()
                if !Task.isCancelled { Process.exit(CommandFailure.Code.failed.rawValue) }
            }
            try await group.run()
            tasks.cancelAll()
        }
    }

    /// The first signal stops, the second hastens, the third ends the process.
    private func heed(_ signals: UnixSignalsSequence, _ group: ServiceGroup, _ engine: Engine) async {
        var count = 0
        for await _ in signals {
            count += 1
            switch count {
            case 1:
                terminal.note("stopping: running jobs may finish; once more to cancel and requeue them")
                await group.triggerGracefulShutdown()
            case 2:
                terminal.note("cancelling: running jobs are requeued; once more to end at once")
                engine.stop()
            default:
                Process.exit(CommandFailure.Code.failed.rawValue)
            }
        }
    }
}
