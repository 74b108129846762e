import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

@testable import RedisStore

/// A server that reads commands and does with them what a test says: answers, says nothing, talks nonsense, hangs up.
final class FakeServer: Sendable {
    enum Reaction: Sendable {
        /// These bytes, whatever they mean.
        case say(String)
        case silence
        case hangUp
        /// The bytes, and then no more.
        case sayAndHangUp(String)
    }

    struct Command: Sendable, Hashable {
        /// Counts connections from 1.
        let connection: Int
        let words: [String]
    }

    /// What an ordinary master says to a greeting.
    static let greeting = "%4\r\n+server\r\n+redis\r\n+version\r\n+7.0.15\r\n+proto\r\n:3\r\n+role\r\n+master\r\n"

    /// Every command that came, in order.
    let commands: AsyncStream<Command>
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: any Channel
    private let open: OpenChannels

    var port: Int { channel.localAddress?.port ?? 0 }
    var endpoint: RedisEndpoint { RedisEndpoint(host: "127.0.0.1", port: port) }

    /// - Parameter react: what to do with a command; `nil` is what a healthy master does with a greeting, and silence to anything else.
    init(
        port: Int = 0, certificate: NIOSSLContext? = nil, react: @escaping @Sendable (Command) -> Reaction? = { _ in nil }
    ) async throws {
        let (commands, received) = AsyncStream.makeStream(of: Command.self)
        let open = OpenChannels()
        self.commands = commands
        self.open = open
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let certificate { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate)) }
                    let handler = FakeServerHandler(number: open.add(channel), received: received) { react($0) ?? Self.healthy($0) }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
    }

    private static func healthy(_ command: Command) -> Reaction {
        switch command.words.first {
        case "HELLO": .say(greeting)
        case "ROLE": .say("*3\r\n+master\r\n:0\r\n*0\r\n")
        case "PING": .say("+PONG\r\n")
        case "SELECT": .say("+OK\r\n")
        default: .silence
        }
    }

    /// The next command that `isWanted`.
    func next(where isWanted: (Command) -> Bool = { _ in true }) async -> Command? {
        for await command in commands where isWanted(command) { return command }
        return nil
    }

    /// Connections there have been.
    var connectionCount: Int { open.count }

    /// Says something to all, asked or not.
    func say(_ text: String) {
        for channel in open.all { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }
    }

    func say(to connection: Int, _ text: String) {
        open.all[connection - 1].writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    /// Returns when the client has closed this connection.
    func waitForEnd(of connection: Int) async {
        await withCheckedContinuation { continuation in
            open.all[connection - 1].closeFuture.whenComplete { _ in continuation.resume() }
        }
    }

    func hangUp() {
        for channel in open.all { channel.close(promise: nil) }
    }

    func close() async throws {
        try await group.shutdownGracefully()
    }
}
