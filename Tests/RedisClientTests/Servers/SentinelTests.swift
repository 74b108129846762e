import MartletCore
import NIOCore
import NIOPosix
import Testing

@testable import RedisStore

/// Against real sentinels that watch a master and at least one replica, which one test makes change places.
@Suite(.serialized, .timeLimit(.minutes(3))) struct SentinelTests {
    private static let name = "MARTLET_TEST_REDIS_SENTINEL"

    @Test func `the master is found`() async throws {
        try await TestServers.with(Self.name) { client, prefix async throws in
            #expect(try await client.send(RedisCommand("SET", prefix + "k", "1")).string == "OK")
            #expect(client.facts.role == "master")
            #expect(try await client.send(RedisCommand("DEL", prefix + "k")).int == 1)
        }
    }

    @Test func `a sentinel that is away does not matter, and one that knows nothing neither`() async throws {
        try await FakeServer.with {
            $0.words.first == "SENTINEL" ? .say("*-1\r\n") : nil
        } body: { server, _ async throws in
            let url = try TestServers.address(Self.name).replacing("://", with: "://127.0.0.1:1,\(server.endpoint),")
            let client = try RedisClient(RedisURL(url))
            #expect(try await client.send(RedisCommand("PING")).string == "PONG")
            await client.close()
        }
    }

    @Test func `a master that nobody knows is said to be unknown`() async throws {
        guard case .sentinel(let sentinels, _) = try RedisURL(TestServers.address(Self.name)).topology else {
            return #expect(Bool(false), "\(Self.name) names no sentinels")
        }
        let client = try RedisClient(RedisURL("redis+sentinel://\(sentinels[0])/nobody"))
        do throws(RedisError) {
            _ = try await client.send(RedisCommand("PING"))
            Issue.record("there is a master named nobody")
        } catch {
            #expect("\(error)".contains("nobody") && !error.mayHaveHappened)
        }
        await client.close()
    }

    /// Sentinels that name a replica: as during a failover.
    @Test func `a server that is no master is not written to`() async throws {
        let replica = try await FakeServer { $0.words.first == "ROLE" ? .say("*5\r\n+slave\r\n+h\r\n:1\r\n+connected\r\n:0\r\n") : nil }
        let address = replica.endpoint
        try await FakeServer.with { command in
            command.words.first == "SENTINEL" ? .say("*2\r\n$9\r\n127.0.0.1\r\n$\(String(address.port).utf8.count)\r\n\(address.port)\r\n") : nil
        } body: { sentinel, _ async throws in
            let client = try RedisClient(RedisURL("redis+sentinel://\(sentinel.endpoint)/m"))
            await #expect { try await client.send(RedisCommand("SET", "a", "b")) } throws: { ($0 as? RedisError)?.mayHaveHappened == false }
            await client.close()
        }
        try await replica.close()
    }

    /// Each write is either known to have been made, or known not to, or said to be unknown.
    @Test func `a failover is survived, and no write that was acknowledged is missing`() async throws {
        let address = try TestServers.address(Self.name)
        guard case .sentinel(let sentinels, let master) = try RedisURL(address).topology else {
            return #expect(Bool(false), "\(Self.name) names no sentinels")
        }
        var settings = RedisSettings()
        settings.reconnectMax = .milliseconds(200)
        try await TestServers.with(Self.name, settings) { client, prefix async throws in
            let set = prefix + "set"
            var acknowledged: [Int] = []
            var unknown = 0
            var isFailedOver = false
            let before = try await client.send(RedisCommand("INFO", "server")).string?.firstMatch(of: /run_id:(\w+)/)?.1
            var number = 0
            while !isFailedOver || acknowledged.count < 2000 {
                number += 1
                if number == 500 { try await Self.failover(sentinels[0], master) }
                do throws(RedisError) {
                    // The replica has it before the caller hears of it, so that nothing is lost with the master.
                    let replies = try await client.send([RedisCommand("SADD", set, String(number)), RedisCommand("WAIT", "1", "100")])
                    if replies[0].int == 1, replies[1].int == 1 { acknowledged.append(number) }
                } catch {
                    if error.mayHaveHappened { unknown += 1 }
                }
                if number > 500, !isFailedOver {
                    do throws(RedisError) {
                        let now = try await client.send(RedisCommand("INFO", "server")).string?.firstMatch(of: /run_id:(\w+)/)?.1
                        isFailedOver = now != nil && now != before
                    } catch {
                        #expect(error.isTransient)
                    }
                }
            }
            let kept = Set(try await client.send(RedisCommand("SMEMBERS", set)).elements?.compactMap(\.int) ?? [])
            #expect(acknowledged.allSatisfy(kept.contains))
            #expect(client.facts.role == "master")
            _ = try await client.send(RedisCommand("DEL", set))
        }
    }

    /// Tells a sentinel to make the master and a replica change places now.
    private static func failover(_ sentinel: RedisEndpoint, _ master: String) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let dialer = RedisDialer(.server(sentinel), Handshake.Plan(needsData: false), nil, .seconds(3))
        let link = RedisLink(dialer, RedisSettings(), .system, on: group.next(), reconnects: false)
        // Until the one before has ended and the sentinel has heard of a replica, it refuses.
        while try await link.send(RedisCommand("SENTINEL", "FAILOVER", master).encoded, count: 1)[0].string != "OK" {}
        link.close()
        try await group.shutdownGracefully()
    }
}
