import Hummingbird
import HummingbirdCore
import Logging
import Martlet
import MartletCore
import NIOCore
import Records
import ServiceLifecycle

/// Serves the JSON API and the dashboard of one engine. Runs beside the engine in a `ServiceGroup`, or alone.
public struct HTTPServer: Service {
    let application: Application<APIResponder>
    let backend: Backend
    private let sealer: AuditSealer

    /// - Parameters:
    ///   - access: who is let in; `nil` is everybody from this machine.
    ///   - metrics: what `GET /metrics` shows besides the server's own; see `PrometheusFactory`.
    ///   - logs: what `GET /v1/logs` shows: a `SystemLog`, or a `LogRing` where there is no database.
    ///   - onListening: told the port once connections are accepted.
    public init(
        engine: Engine, configuration: HTTPConfiguration, access: AccessControl? = nil, metrics: MetricsRegistry = MetricsRegistry(),
        logs: (any LogSource)? = nil, logger: Logger = Logger(label: "martlet.http"),
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.init(
            Backend(
                engine: engine, configuration: configuration, metrics: metrics, logs: logs ?? LogRing(clock: engine.environment.clock),
                access: access, logger: logger),
            logger: logger, onListening: onListening)
    }

    init(_ backend: Backend, logger: Logger, onListening: @escaping @Sendable (Int) async -> Void) {
        let (engine, configuration) = (backend.engine, backend.configuration)
        let router = Self.makeRouter(backend)
        let dashboard = Dashboard(engine: engine, access: backend.access)
        do {
            try dashboard.addRoutes(to: router)
        } catch {
            logger.error("the dashboard's pages cannot be read; only the API is served", metadata: ["error": "\(error)"])
        }
        let responder = APIResponder(
            router: router.buildResponder(), routes: RouteTable(router), guardian: RequestGuard(configuration),
            access: backend.access, requests: RequestMetrics(backend.metrics), dashboard: dashboard,
            ids: RequestIDs(random: engine.environment.random),
            clock: engine.environment.clock)
        let idle = TimeAmount.microseconds(configuration.idleTimeout.microseconds)
        application = Application(
            responder: responder, server: .http1(configuration: .init(additionalChannelHandlers: [DepartureHandler()], idleTimeout: idle)),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.connectionsMax)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? configuration.port) },
            logger: logger)
        sealer = AuditSealer(engine: engine, logger: logger)
        self.backend = backend
    }

    static func makeRouter(_ backend: Backend) -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: AccessMiddleware(access: backend.access, rules: backend.configuration.rules))
        JobRoutes(backend: backend).add(to: router)
        BatchRoutes(backend: backend).add(to: router)
        QueueRoutes(backend: backend).add(to: router)
        TriggerRoutes(backend: backend).add(to: router)
        StreamRoutes(backend: backend).add(to: router)
        LiveRoutes(backend: backend).add(to: router)
        ClaimRoutes(backend: backend).add(to: router)
        LeaseRoutes(backend: backend).add(to: router)
        SettleRoutes(backend: backend).add(to: router)
        OverviewRoutes(backend: backend).add(to: router)
        LogRoutes(backend: backend).add(to: router)
        HookRoutes(backend: backend).add(to: router)
        HealthRoutes(backend: backend).add(to: router)
        return router
    }

    /// Serves until a graceful shutdown or cancellation. On shutdown live streams and waiting claims end at once, other requests within
    /// `drainLimit`.
    /// - Throws: where the address cannot be listened on; `HTTPConfigurationError.notLoopback` where it must not be.
    public func run() async throws {
        try backend.access.checkAddress(backend.configuration.host)
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await application.run()
                    await backend.live.end()
                }
                group.addTask { await cutDrain() }
                // These end only when they are cancelled.
                group.addTask { await backend.access.run() }
                group.addTask { await sealer.run() }
                group.addTask { await backend.live.run() }
                try await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            backend.streams.endAll()
            backend.live.stop()
        }
    }

    /// Returns when a shutdown has waited long enough for requests that do not end.
    private func cutDrain() async {
        do {
            try await gracefulShutdown()
            try await backend.clock.sleep(for: backend.configuration.drainLimit)
        } catch {
            // Cancelled: the server has ended before.
        }
    }
}
