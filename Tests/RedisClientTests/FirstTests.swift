import Foundation
import NIOCore
import Testing

@testable import RedisStore

@Suite struct FirstTests {
    @Test func `works`() async throws {
        let client = try RedisClient(RedisURL("redis://127.0.0.1:63910"))
        #expect(try await client.send(RedisCommand("PING")).string == "PONG")
        #expect(client.facts.version.hasPrefix("7"))
        let values = try await client.send([
            RedisCommand("SET", "a", "1"), RedisCommand("NOPE", "secret"), RedisCommand("INCR", "a"), RedisCommand("LPUSH", "a", "x"),
            RedisCommand("HGETALL", "none"),
        ])
        Issue.record("\(values)")
        do { _ = try await client.send(RedisCommand("NOPE", "secret")) } catch { Issue.record("\(error)") }
        let blocked = try await client.block(RedisCommand("XREAD", "BLOCK", "100", "STREAMS", "s", "$"), for: .milliseconds(100))
        #expect(blocked == .null)
        await client.close()
        do { _ = try await client.send(RedisCommand("NOPE", "secret")) } catch { Issue.record("\(error)") }
    }
}
