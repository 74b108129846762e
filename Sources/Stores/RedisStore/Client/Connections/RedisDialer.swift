import MartletCore
import NIOCore
import NIOPosix
import NIOSSL

/// Makes connections to one server, whichever that is at the time.
struct RedisDialer: Sendable {
    let endpoint: RedisEndpoint
    let plan: Handshake.Plan
    let encryption: RedisEncryption?
    let timeout: Duration

    /// Connects and greets; the link is told when the connection is ready. The future fails where it cannot become so.
    func dial(for link: RedisLink) -> EventLoopFuture<Void> {
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
