import MartletCore
import NIOCore
import Testing

@testable import RedisStore

@Suite(.timeLimit(.minutes(1))) struct BlockingTests {
    private static let read = RedisCommand("XREAD", "BLOCK", "15000", "STREAMS", "s", "$")

    private static func outcome(_ client: RedisClient) async -> Result<RESPValue, RedisError> {
        do throws(RedisError) {
            return .success(try await client.block(read, for: .seconds(15)))
        } catch {
            return .failure(error)
        }
    }

    @Test func `each blocking read has a connection of its own, that is used again`() async throws {
        try await FakeServer.with {
            $0.words.first == "GET" ? .say("+value\r\n") : nil
        } body: { server, client async throws in
            async let first = Self.outcome(client)
            let blocked = await server.next { $0.words.first == "XREAD" }
            async let second = Self.outcome(client)
            let other = await server.next { $0.words.first == "XREAD" }
            #expect(Set([1, blocked?.connection, other?.connection]) == [1, 2, 3])
            #expect(try await client.send(RedisCommand("GET", "a")).string == "value")
            server.say(to: 2, "_\r\n")
            server.say(to: 3, "_\r\n")
            #expect(await first == .success(.null))
            #expect(await second == .success(.null))
            async let third = Self.outcome(client)
            let again = try #require(await server.next { $0.words.first == "XREAD" })
            #expect(again.connection > 1)
            server.say(to: again.connection, "_\r\n")
            #expect(await third == .success(.null))
            #expect(server.connectionCount == 3)
        }
    }

    @Test func `a cancelled blocking read ends its connection and no other`() async throws {
        try await FakeServer.with {
            $0.words.first == "GET" ? .say("+value\r\n") : nil
        } body: { server, client async throws in
            await withTaskGroup(of: Result<RESPValue, RedisError>.self) { group in
                group.addTask { await Self.outcome(client) }
                _ = await server.next { $0.words.first == "XREAD" }
                group.cancelAll()
                #expect(await group.next() == .failure(.cancelled(mayHaveHappened: true)))
            }
            await server.waitForEnd(of: 2)
            #expect(try await client.send(RedisCommand("GET", "a")).string == "value")
            #expect(server.connectionCount == 2)
        }
    }

    @Test func `blocking reads are bounded`() async throws {
        var settings = RedisSettings()
        settings.blockingMax = 1
        try await FakeServer.with(settings) { server, client async throws in
            async let first = Self.outcome(client)
            _ = await server.next { $0.words.first == "XREAD" }
            #expect(await Self.outcome(client) == .failure(.overloaded(waiting: 1)))
            server.say(to: 2, "_\r\n")
            #expect(await first == .success(.null))
        }
    }

    @Test func `while the server is away, blocking reads wait for the pace of the attempts`() async throws {
        var settings = RedisSettings()
        settings.reconnectBase = .seconds(30)
        settings.reconnectMax = .seconds(30)
        try await FakeServer.with(settings) { _ in
            .hangUp
        } body: { server, client async throws in
            for _ in 0..<50 {
                guard case .failure(.unavailable(_, false)) = await Self.outcome(client) else { return #expect(Bool(false), "somebody answered") }
            }
            #expect(server.connectionCount == 1)
        }
    }
}
