import MartletCore
import NIOCore
import NIOPosix
import NIOSSL

/// Makes connections to one server, whichever that is at the time.
struct RedisDialer: Sendable {
    enum Target: Sendable {
        case server(RedisEndpoint)
        /// The master that the sentinels name.
        case master(SentinelGroup)
    }

    private let target: Target
    private let plan: Handshake.Plan
    private let encryption: RedisEncryption?
    private let timeout: Duration

    init(_ target: Target, _ plan: Handshake.Plan, _ encryption: RedisEncryption?, _ timeout: Duration) {
        self.target = target
        self.plan = plan
        self.encryption = encryption
        self.timeout = timeout
    }

    /// Whether what it finds is of use only while it takes writes.
    var isForMaster: Bool { plan.needsMaster }

    /// Connects and greets; the link is told when the connection is ready. The future fails where it cannot become so.
    func dial(for link: RedisLink) -> EventLoopFuture<Void> {
        switch target {
        case .server(let endpoint): connect(to: endpoint, for: link)
        case .master(let group): group.locate(on: link.eventLoop).flatMap { connect(to: $0, for: link) }
        }
    }

    private func connect(to endpoint: RedisEndpoint, for link: RedisLink) -> EventLoopFuture<Void> {
        let loop = link.eventLoop
        let ready = loop.makePromise(of: Void.self)
        let limit = TimeAmount.microseconds(timeout.microseconds)
        let connected = ClientBootstrap(group: loop)
            .connectTimeout(limit)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 16_384, maximum: 262_144))
            .channelOption(.writeBufferWaterMark, value: .init(low: 65_536, high: 262_144))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let encryption { try channel.pipeline.syncOperations.addHandler(try encryption.handler(for: endpoint)) }
                    try channel.pipeline.syncOperations.addHandler(LinkHandler(link, endpoint, plan, ready: ready))
                }
            }
            .connect(host: endpoint.host, port: endpoint.port)
        connected.whenFailure { ready.fail(Self.failure($0, endpoint)) }
        connected.whenSuccess { channel in
            // Silence during the greeting ends like silence before it.
            let alarm = loop.scheduleTask(in: limit) {
                ready.fail(RedisError.unavailable(reason: "\(endpoint) did not answer within \(timeout.inSeconds) s", mayHaveHappened: false))
                channel.close(promise: nil)
            }
            ready.futureResult.whenComplete { _ in alarm.cancel() }
        }
        return ready.futureResult
    }

    /// What an error of the network means. Says where, and nothing that was sent.
    static func failure(_ error: any Error, _ endpoint: RedisEndpoint?) -> RedisError {
        if let error = error as? RedisError { return error }
        let place = endpoint?.description ?? "the server"
        let reason =
            switch error {
            case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: "\(place) cannot be trusted: \(error)"
            case let error as IOError: "\(place): \(error)"
            case let error as NIOConnectionError:
                if let first = error.connectionErrors.first { "\(place): \(first.error)" } else { "\(place): the name cannot be resolved" }
            case ChannelError.connectTimeout: "\(place) cannot be reached in time"
            default: "\(place): \(error)"
            }
        return .unavailable(reason: reason, mayHaveHappened: true)
    }
}
