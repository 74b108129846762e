import Logging
import MartletCore
import NIOHTTP1
import Tracing

/// The one way out: every request of the engine's services and applications to somebody else's server goes through here.
///
/// It holds pooled connections, so there is one for a process; `shutdown()` ends it. What it knows of limits it shares with all processes of the
/// store.
public final class OutboundClient: Sendable {
    let configuration: OutboundConfiguration
    let environment: Environment
    let logger: Logger
    let hosts: ResolvedHosts
    let pools: PinnedPools
    let gate: LimitGate
    let bulkhead: Bulkhead
    let breakers: Breakers
    let budgets = RetryBudgets()
    let metrics = OutboundMetrics()
    private let resolver: any HostResolver

    /// - Parameters:
    ///   - store: what the limits are shared through.
    ///   - resolver: where host names become addresses.
    public init(
        configuration: OutboundConfiguration = OutboundConfiguration(), store: any Store, environment: Environment, logger: Logger,
        resolver: any HostResolver = SystemResolver()
    ) {
        self.configuration = configuration
        self.environment = environment
        self.logger = logger
        self.resolver = resolver
        hosts = ResolvedHosts(resolver, clock: environment.clock, keep: configuration.addressesKept)
        pools = PinnedPools(configuration)
        gate = LimitGate(store: store, environment: environment)
        bulkhead = Bulkhead(clock: environment.clock)
        breakers = Breakers(clock: environment.clock)
    }

    /// Ends all connections. To be called once, when the last call is over: a call that is under way fails.
    public func shutdown() async throws {
        try await pools.stop()
        try await resolver.stop()
    }

    /// Makes a call and hands the answer, whatever its status, to `body`. Everything the call holds is given back when this returns.
    ///
    /// A retry happens before `body` is entered, never after.
    /// - Throws: `OutboundError`, which a handler may throw on: it knows what it means for the job; what `body` throws; `CancellationError`.
    public func call<Value: Sendable>(
        _ request: OutboundRequest, _ body: @escaping @Sendable (OutboundResponse) async throws -> Value
    ) async throws -> Value {
        try await call(request, isRestartable: false, body)
    }

    /// Makes a call and reads its whole answer. An answer that breaks off is asked for again, where that is safe.
    public func reply(to request: OutboundRequest) async throws -> OutboundReply {
        try await call(request, isRestartable: true) { response in
            OutboundReply(
                status: response.status, headers: response.headers, retryAfter: response.retryAfter, body: try await response.body.collect(),
                destination: response.destination)
        }
    }

    private func call<Value: Sendable>(
        _ request: OutboundRequest, isRestartable: Bool, _ body: @escaping @Sendable (OutboundResponse) async throws -> Value
    ) async throws -> Value {
        try request.check()
        let target = try Target(request.url)
        let started = environment.clock.uptime()
        return try await withSpan("outbound", ofKind: .client) { span in
            span.attributes["martlet.destination"] = request.destination.name
            span.attributes["http.request.method"] = request.method.rawValue
            span.attributes["server.address"] = target.host
            span.attributes["server.port"] = target.port
            do {
                let (value, status) = try await Call(self, request, target, startedAt: started, isRestartable: isRestartable).run(body)
                span.attributes["http.response.status_code"] = status
                finished(request, target, started, CallEnd(status: status))
                return value
            } catch {
                finished(request, target, started, CallEnd(error: error))
                throw error
            }
        }
    }

    private func finished(_ request: OutboundRequest, _ target: Target, _ started: Duration, _ end: CallEnd) {
        let took = environment.clock.uptime() - started
        metrics.finished(request.destination.name, end, took)
        logger.debug(
            "outbound call ended",
            metadata: [
                "destination": "\(request.destination.name)", "host": "\(target.host)", "end": "\(end.name)", "seconds": "\(took.inSeconds)",
            ])
    }
}
