import Logging
import ServiceLifecycle

/// Runs jobs. Give it handlers, then `run()` it, alone or in a `ServiceGroup`; enqueue from anywhere at any time.
///
/// ```swift
/// let engine = Engine(store: try await SQLiteStore(path: "jobs.db"))
/// engine.handle(SendWelcome.self) { job, context in
///     try await context.step("mail") { try await mail(job.user) }
/// }
/// try await engine.enqueue(SendWelcome(user: 7), .init(delay: .seconds(5)))
/// try await engine.run()
/// ```
public final class Engine: Sendable {
    public let store: any Store
    public let configuration: EngineConfiguration
    public let environment: Environment
    /// Tells readers of streams that there is something new.
    public let hub: Hub
    let logger: Logger
    let handlers = HandlerRegistry()
    let stopControl = StopControl()
    let triggersChanged = Doorbell()
    /// The attempts under way in this process.
    let table = RunningTable()
    let leaseReleases: LeaseReleases

    public init(
        store: any Store, configuration: EngineConfiguration = .init(node: .thisProcess), environment: Environment = .system,
        logger: Logger = Logger(label: "martlet")
    ) {
        self.store = store
        self.configuration = configuration
        self.environment = environment
        self.logger = logger
        hub = Hub(store: store, clock: environment.clock)
        leaseReleases = LeaseReleases(store: store, logger: logger)
    }

    /// The kinds this engine has handlers for, sorted.
    public var kinds: [String] { handlers.all.map(\.kind) }

    /// Runs jobs of this type with `body`. What it returns is the job's result.
    public func handle<J: Job, R: Encodable & Sendable>(
        _ type: J.Type, _ options: HandlerOptions = .init(), _ body: @escaping @Sendable (J, JobContext) async throws -> R
    ) {
        handle(kind: J.kind, options) { payload, context in
            try PayloadCoding.encode(try await body(try PayloadCoding.decode(J.self, from: payload), context))
        }
    }

    /// Runs jobs of this type with `body`; they have no result.
    public func handle<J: Job>(
        _ type: J.Type, _ options: HandlerOptions = .init(), _ body: @escaping @Sendable (J, JobContext) async throws -> Void
    ) {
        handle(kind: J.kind, options) { payload, context in
            try await body(try PayloadCoding.decode(J.self, from: payload), context)
            return nil
        }
    }

    /// Runs jobs of a kind that has no Swift type.
    public func handle(
        kind: String, _ options: HandlerOptions = .init(), _ body: @escaping @Sendable (Payload, JobContext) async throws -> Payload?
    ) {
        handlers.add(Handler(kind: kind, options: options, body: body))
    }

    /// Asks the running engine to stop. The first call drains (no new jobs, the running ones may finish within `grace`); each further
    /// call hastens by one moment: cancel the jobs now and requeue them, then stop waiting for those that do not return.
    public func stop() {
        stopControl.advance()
    }
}

extension Engine: Service {}
