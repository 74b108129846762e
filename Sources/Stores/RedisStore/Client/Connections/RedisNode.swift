import MartletCore
import NIOCore

/// One server: the connection that everybody shares, and those that are held for blocking reads.
final class RedisNode: Sendable {
    let link: RedisLink
    private let blocking: BlockingLinks

    init(_ dialer: RedisDialer, _ settings: RedisSettings, _ environment: Environment, on loop: any EventLoop) {
        link = RedisLink(dialer, settings, environment, on: loop)
        blocking = BlockingLinks(max: settings.blockingMax) { RedisLink(dialer, settings, environment, on: loop, reconnects: false) }
    }

    /// Sends commands in one write. An error that the server answers one with stands in its place.
    func send(_ commands: [RedisCommand], within timeout: Duration) async throws(RedisError) -> [RESPValue] {
        if commands.count == 1 { return try await link.send(commands[0].encoded, count: 1, within: timeout) }
        var bytes = ByteBufferAllocator().buffer(capacity: commands.lazy.map(\.encoded.readableBytes).reduce(0, +))
        for command in commands { bytes.writeImmutableBuffer(command.encoded) }
        return try await link.send(bytes, count: commands.count, within: timeout)
    }

    /// Sends commands on a connection of their own, the last of which may wait in the server.
    func block(_ commands: [RedisCommand], within timeout: Duration) async throws(RedisError) -> [RESPValue] {
        // The shared connection knows whether the server is there, and paces the attempts to reach it.
        if !link.isOpen { _ = try await link.send(RedisCommand("PING").encoded, count: 1) }
        return try await blocking.send(commands, within: timeout)
    }

    /// The futures are done when the connections are closed.
    func close() -> [EventLoopFuture<Void>] { blocking.close() + (link.close().map { [$0] } ?? []) }

    /// Lets what is under way end, and takes nothing more.
    func retire() {
        link.retire()
        blocking.close()
    }
}
