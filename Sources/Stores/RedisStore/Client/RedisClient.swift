import MartletCore
import NIOCore
import NIOPosix

/// A client of one deployment of Redis. Connects when it is first asked, and stays connected.
///
/// Ordinary commands share one connection per server; each blocking read has one of its own. Cancelling a caller takes its command back
/// where that was not written yet, and never touches another's.
final class RedisClient: Sendable {
    let url: RedisURL
    let settings: RedisSettings
    private let group: MultiThreadedEventLoopGroup
    private let link: RedisLink
    private let blocking: BlockingLinks

    /// - Throws: `RedisURLError` where a file that the address names cannot be used. Nothing is connected yet.
    init(_ url: RedisURL, _ settings: RedisSettings = RedisSettings(), _ environment: Environment = .system) throws(RedisURLError) {
        var settings = settings
        if let timeout = url.timeout { settings.commandTimeout = timeout }
        if let timeout = url.connectTimeout { settings.connectTimeout = timeout }
        guard case .single(let endpoint) = url.topology else { throw RedisURLError("the scheme", "is not supported yet") }
        let encryption = try url.security.map(RedisEncryption.init)
        let plan = Handshake.Plan(credentials: url.credentials, clientName: url.clientName, database: url.database)
        let dialer = RedisDialer(.server(endpoint), plan, encryption, settings.connectTimeout)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.threads)
        let final = settings
        self.url = url
        self.settings = settings
        self.group = group
        link = RedisLink(dialer, settings, environment, on: group.next())
        blocking = BlockingLinks(max: settings.blockingMax) { RedisLink(dialer, final, environment, on: group.next(), reconnects: false) }
    }

    /// Sends one command.
    /// - Parameters:
    ///   - key: a key of the command, by which a cluster finds the node.
    ///   - timeout: from now to the reply; the settings' where `nil`.
    /// - Throws: `refused` where the server answers with an error.
    func send(_ command: RedisCommand, key: String? = nil, within timeout: Duration? = nil) async throws(RedisError) -> RESPValue {
        let reply = try await link.send(command.encoded, count: 1, within: timeout)[0]
        if case .refusal(let refusal) = reply { throw .refused(refusal) }
        return reply
    }

    /// Sends commands in one write and returns their replies in order. An error that the server answers one with stands in its place
    /// (`RESPValue.refusal`) and does not touch the others.
    func send(_ commands: [RedisCommand], key: String? = nil, within timeout: Duration? = nil) async throws(RedisError) -> [RESPValue] {
        if commands.isEmpty { return [] }
        var bytes = ByteBufferAllocator().buffer(capacity: commands.map(\.encoded.readableBytes).reduce(0, +))
        for command in commands { bytes.writeImmutableBuffer(command.encoded) }
        return try await link.send(bytes, count: commands.count, within: timeout)
    }

    /// Sends a command that waits in the server, on a connection of its own.
    /// - Parameter wait: what the command itself says; the reply may take `commandTimeout` longer. Cancelling ends the connection.
    func block(_ command: RedisCommand, for wait: Duration, key: String? = nil) async throws(RedisError) -> RESPValue {
        let reply = try await blocking.send(command.encoded, within: wait + settings.commandTimeout)
        if case .refusal(let refusal) = reply { throw .refused(refusal) }
        return reply
    }

    /// What the server said when it was last connected.
    var facts: ServerFacts { link.facts }

    /// Fails everything that is under way, closes every connection and ends the threads. May be called twice.
    func close() async {
        let futures = blocking.close() + [link.close()]
        for future in futures { await Self.wait(for: future) }
        do {
            try await group.shutdownGracefully()
        } catch {
            // It is shut down already.
        }
    }

    private static func wait(for future: EventLoopFuture<Void>) async {
        await withCheckedContinuation { continuation in
            // How a connection ended is of no interest any more.
            future.whenComplete { _ in continuation.resume() }
        }
    }
}
