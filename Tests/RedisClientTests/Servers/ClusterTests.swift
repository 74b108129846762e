import MartletCore
import NIOCore
import Testing

@testable import RedisStore

/// Against a real Redis Cluster of at least two masters, whose slots one test moves about and back.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ClusterTests {
    private static let name = "MARTLET_TEST_REDIS_CLUSTER"

    /// A client of a single node, to say what only that node shall hear.
    private struct Node {
        let endpoint: RedisEndpoint
        let id: String
        let client: RedisClient

        func say(_ words: String...) async throws -> RESPValue { try await client.send(RedisCommand(words: words)) }
    }

    /// Runs `body` with the masters, of which the first owns the slot.
    private static func withMasters(of slot: HashSlot, body: ([Node]) async throws -> Void) async throws {
        try await TestServers.with(name) { client, _ async throws in
            let map = try #require(try await client.send(RedisCommand("CLUSTER", "SLOTS")).elements)
            var nodes: [Node] = []
            for range in map {
                guard let parts = range.elements, let words = parts[2].elements, let host = words[0].string, let port = words[1].int,
                    let id = words[2].string
                else { continue }
                let endpoint = RedisEndpoint(host: host, port: port)
                let isOwner = (parts[0].int ?? 0)...(parts[1].int ?? 0) ~= slot.number
                if let known = nodes.firstIndex(where: { $0.id == id }) {
                    if isOwner { nodes.swapAt(0, known) }
                    continue
                }
                nodes.insert(
                    Node(endpoint: endpoint, id: id, client: try RedisClient(RedisURL("redis://\(endpoint)"))), at: isOwner ? 0 : nodes.count)
            }
            try #require(nodes.count >= 2)
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(nodes))
            } catch {
                result = .failure(error)
            }
            for node in nodes { await node.client.close() }
            try result.get()
        }
    }

    /// Keys of all slots, half of which the first node asked does not serve.
    @Test func `each key is found wherever it lives`() async throws {
        try await TestServers.with(Self.name) { client, prefix async throws in
            for number in 0..<100 {
                let key = "{\(number)\(prefix)}"
                #expect(try await client.send(RedisCommand("SET", key, "\(number)"), key: key).string == "OK")
                #expect(
                    try await client.send([RedisCommand("GET", key), RedisCommand("DEL", key)], key: key) == [
                        .bytes(ByteBuffer(string: "\(number)")), .integer(1),
                    ])
            }
            #expect(client.facts.mode == "cluster")
        }
    }

    @Test func `a wrong guess about the slot is put right by the cluster`() async throws {
        try await TestServers.with(Self.name) { client, prefix async throws in
            for number in 0..<20 {
                // The key that is named is not the command's.
                #expect(try await client.send(RedisCommand("GET", "{\(number)\(prefix)}"), key: "other") == .null)
            }
        }
    }

    @Test func `keys of several slots in one command are refused`() async throws {
        try await TestServers.with(Self.name) { client, _ async throws in
            #expect(try await client.send([RedisCommand("MGET", "a", "b")], key: "a")[0].refusal?.kind == .crossSlot)
        }
    }

    @Test func `a slot is followed while it moves and after`() async throws {
        try await TestServers.with(Self.name) { client, prefix async throws in
            let (old, new) = (prefix + "old", prefix + "new")
            let slot = HashSlot(prefix)
            _ = try await client.send(RedisCommand("SET", old, "1"), key: prefix)
            try await Self.withMasters(of: slot) { masters async throws in
                let (from, to) = (masters[0], masters[1])
                let number = String(slot.number)
                _ = try await to.say("CLUSTER", "SETSLOT", number, "IMPORTING", from.id)
                _ = try await from.say("CLUSTER", "SETSLOT", number, "MIGRATING", to.id)
                // What is not there any more is asked for at the other side; what is still there is not.
                let replies = try await client.send(
                    [RedisCommand("GET", old), RedisCommand("SET", new, "2"), RedisCommand("GET", new)], key: prefix)
                #expect(replies.map(\.string) == ["1", "OK", "2"])
                // Keys on both sides: to be tried again, which is bounded.
                #expect(try await client.send([RedisCommand("MGET", old, new)], key: prefix)[0].refusal?.kind == .tryAgain)
                _ = try await from.say("MIGRATE", to.endpoint.host, String(to.endpoint.port), old, "0", "5000")
                #expect(try await client.send(RedisCommand("MGET", old, new), key: prefix).elements?.map(\.string) == ["1", "2"])
                for node in [to, from] + masters.dropFirst(2) { _ = try await node.say("CLUSTER", "SETSLOT", number, "NODE", to.id) }
                #expect(try await client.send(RedisCommand("GET", new), key: prefix).string == "2")
                // And back again, the short way: the slot is empty.
                _ = try await client.send(RedisCommand("DEL", old, new), key: prefix)
                for node in [from, to] + masters.dropFirst(2) { _ = try await node.say("CLUSTER", "SETSLOT", number, "NODE", from.id) }
                #expect(try await client.send(RedisCommand("GET", new), key: prefix) == .null)
            }
        }
    }

    @Test func `a blocking read finds its node`() async throws {
        try await TestServers.with(Self.name) { client, prefix async throws in
            let key = prefix + "stream"
            async let news = client.block(RedisCommand("XREAD", "BLOCK", "30000", "STREAMS", key, "0"), for: .seconds(30), key: key)
            _ = try await client.send(RedisCommand("XADD", key, "7-1", "f", "v"), key: key)
            let reply = try await news
            #expect(reply[key]?.elements?.count == 1)
            _ = try await client.send(RedisCommand("DEL", key), key: key)
        }
    }

    @Test func `a seed that is away does not matter`() async throws {
        let url = try TestServers.address(Self.name).replacing("://", with: "://127.0.0.1:1,")
        for _ in 0..<8 {
            let client = try RedisClient(RedisURL(url))
            #expect(try await client.send(RedisCommand("GET", "a"), key: "a") != .boolean(true))
            await client.close()
        }
    }
}
