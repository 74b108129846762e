import AsyncHTTPClient
import MartletCore
import NIOCore
import NIOSSL
import Synchronization

/// Keep-alive connections, pooled by host *and* address. A pool connects to the address that was checked and to no other, while TLS asks for the
/// host's certificate: what a name resolves to later (DNS rebinding) changes nothing.
final class PinnedPools: Sendable {
    struct Key: Hashable, Sendable {
        let host: String
        let address: IPAddress
        let connect: Duration
    }

    private struct Pool {
        let client: HTTPClient
        var users = 0
        var usedAt: Int
    }

    private struct State {
        var pools: [Key: Pool] = [:]
        var uses = 0
        var isStopped = false
    }

    private let configuration: OutboundConfiguration
    private let state = Mutex(State())

    init(_ configuration: OutboundConfiguration) {
        self.configuration = configuration
    }

    func withClient<Value>(_ key: Key, _ body: (HTTPClient) async throws -> Value) async throws -> Value {
        let (client, dropped) = try take(key)
        defer { giveBack(key) }
        try await dropped?.shutdown()
        return try await body(client)
    }

    private func take(_ key: Key) throws -> (HTTPClient, dropped: HTTPClient?) {
        try state.withLock { state in
            guard !state.isStopped else { throw OutboundError.stopped }
            state.uses += 1
            var dropped: HTTPClient?
            if state.pools[key] == nil {
                if state.pools.count >= configuration.poolsMax {
                    let idle = state.pools.filter { $0.value.users == 0 }.min { $0.value.usedAt < $1.value.usedAt }
                    dropped = idle.flatMap { state.pools.removeValue(forKey: $0.key)?.client }
                }
                state.pools[key] = Pool(client: makeClient(key), usedAt: state.uses)
            }
            state.pools[key]?.users += 1
            state.pools[key]?.usedAt = state.uses
            guard let client = state.pools[key]?.client else { throw OutboundError.stopped }
            return (client, dropped)
        }
    }

    private func giveBack(_ key: Key) {
        state.withLock { $0.pools[key]?.users -= 1 }
    }

    private func makeClient(_ key: Key) -> HTTPClient {
        let pin = key.address.description
        var http = HTTPClient.Configuration(redirectConfiguration: .disallow)
        if key.host != pin { http.dnsOverride = [key.host: pin] }
        http.timeout = .init(connect: .microseconds(key.connect.microseconds))
        http.connectionPool = .init(
            idleTimeout: .microseconds(configuration.connectionsKept.microseconds), concurrentHTTP1ConnectionsPerHostSoftLimit: 1024)
        // Whether and when to try again is decided above, by one rule.
        http.connectionPool.retryConnectionEstablishment = false
        // Inflates at most 25 times what has come; the destination's cap counts what came out.
        http.decompression = HTTPClient.Configuration.singletonConfiguration.decompression
        http.tracing.tracer = nil
        if let roots = configuration.trustRoots {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(roots)
            http.tlsConfiguration = tls
        }
        // The last word: a connection to any other address is never written to.
        let check: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
            channel.remoteAddress?.ipAddress == pin
                ? channel.eventLoop.makeSucceededVoidFuture()
                : channel.eventLoop.makeFailedFuture(OutboundError.forbiddenAddress(host: key.host, key.address))
        }
        http.http1_1ConnectionDebugInitializer = check
        http.http2ConnectionDebugInitializer = check
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: http)
    }

    /// Ends all connections; calls that are under way fail.
    func stop() async throws {
        let clients = state.withLock { state in
            defer { state.pools = [:] }
            state.isStopped = true
            return state.pools.values.map(\.client)
        }
        for client in clients { try await client.shutdown() }
    }
}
