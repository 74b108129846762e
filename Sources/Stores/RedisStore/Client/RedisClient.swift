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
    private let servers: Servers

    private enum Servers {
        case one(RedisNode)
        case many(RedisCluster)
    }

    /// - Throws: `RedisURLError` where a file that the address names cannot be used. Nothing is connected yet.
    init(_ url: RedisURL, _ settings: RedisSettings = RedisSettings(), _ environment: Environment = .system) throws(RedisURLError) {
        var settings = settings
        if let timeout = url.timeout { settings.commandTimeout = timeout }
        if let timeout = url.connectTimeout { settings.connectTimeout = timeout }
        let encryption = try url.security.map(RedisEncryption.init)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.threads)
        self.url = url
        self.settings = settings
        self.group = group
        servers = Self.servers(url, settings, environment, encryption, group)
    }

    private static func servers(
        _ url: RedisURL, _ settings: RedisSettings, _ environment: Environment, _ encryption: RedisEncryption?, _ group: MultiThreadedEventLoopGroup
    ) -> Servers {
        var plan = Handshake.Plan(credentials: url.credentials, clientName: url.clientName, database: url.database)
        func node(_ target: RedisDialer.Target, _ plan: Handshake.Plan) -> RedisNode {
            RedisNode(RedisDialer(target, plan, encryption, settings.connectTimeout), settings, environment, on: group.next())
        }
        switch url.topology {
        case .single(let endpoint):
            plan.needsMaster = true
            return .one(node(.server(endpoint), plan))
        case .sentinel(let sentinels, let master):
            plan.needsMaster = true
            let sentinels = SentinelGroup(
                sentinels, master: master, credentials: url.sentinelCredentials, encryption: encryption, settings, environment)
            return .one(node(.master(sentinels), plan))
        case .cluster(let seeds):
            // A node that cannot serve data now can say who can.
            plan.needsData = false
            let known = plan
            return .many(
                RedisCluster(seeds, settings, environment) { endpoint in
                    RedisNode(
                        RedisDialer(.server(endpoint), known, encryption, settings.connectTimeout), settings, environment, on: group.next())
                })
        }
    }

    /// Sends one command.
    /// - Parameters:
    ///   - key: a key of the command, by which a cluster finds the node.
    ///   - timeout: from now to the reply; the settings' where `nil`.
    /// - Throws: `refused` where the server answers with an error.
    func send(_ command: RedisCommand, key: String? = nil, within timeout: Duration? = nil) async throws(RedisError) -> RESPValue {
        let reply = try await send([command], key: key, within: timeout)[0]
        if case .refusal(let refusal) = reply { throw .refused(refusal) }
        return reply
    }

    /// Sends commands in one write and returns their replies in order. An error that the server answers one with stands in its place
    /// (`RESPValue.refusal`) and does not touch the others.
    func send(_ commands: [RedisCommand], key: String? = nil, within timeout: Duration? = nil) async throws(RedisError) -> [RESPValue] {
        if commands.isEmpty { return [] }
        let timeout = timeout ?? settings.commandTimeout
        switch servers {
        case .one(let node): return try await node.send(commands, within: timeout)
        case .many(let cluster):
            return try await cluster.send(commands, slot: HashSlot(key ?? ""), within: timeout) { node, commands, timeout throws(RedisError) in
                try await node.send(commands, within: timeout)
            }
        }
    }

    /// Sends a command that waits in the server, on a connection of its own.
    /// - Parameter wait: what the command itself says; the reply may take `commandTimeout` longer. Cancelling ends the connection.
    /// - Throws: `refused` where the server answers with an error.
    func block(_ command: RedisCommand, for wait: Duration, key: String? = nil) async throws(RedisError) -> RESPValue {
        let timeout = wait + settings.commandTimeout
        let replies: [RESPValue]
        switch servers {
        case .one(let node): replies = try await node.block([command], within: timeout)
        case .many(let cluster):
            replies = try await cluster.send([command], slot: HashSlot(key ?? ""), within: timeout) { node, commands, timeout throws(RedisError) in
                try await node.block(commands, within: timeout)
            }
        }
        if case .refusal(let refusal) = replies[0] { throw .refused(refusal) }
        return replies[0]
    }

    /// What the server said when it was last connected.
    var facts: ServerFacts {
        switch servers {
        case .one(let node): node.link.facts
        case .many(let cluster): cluster.facts
        }
    }

    /// Fails everything that is under way, closes every connection and ends the threads. May be called twice.
    func close() async {
        let futures =
            switch servers {
            case .one(let node): node.close()
            case .many(let cluster): cluster.close()
            }
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
