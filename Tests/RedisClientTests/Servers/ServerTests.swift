import MartletCore
import NIOCore
import Testing

@testable import RedisStore

/// Against one real server.
@Suite(.timeLimit(.minutes(1))) struct ServerTests {
    @Test func `the server greets`() async throws {
        try await TestServers.with(options: "?name=martlet-client-test") { client, _ async throws in
            #expect(try await client.send(RedisCommand("PING")).string == "PONG")
            #expect(client.facts.resp == 3 && client.facts.role == "master" && Int(client.facts.version.prefix { $0 != "." }) ?? 0 >= 7)
            #expect(try await client.send(RedisCommand("CLIENT", "GETNAME")).string == "martlet-client-test")
        }
    }

    @Test func `every kind of value comes back`() async throws {
        try await TestServers.with { client, prefix async throws in
            let key = prefix + "value"
            let bytes = ByteBuffer(bytes: (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 7) })
            var set = RedisCommand("SET", key)
            set.add(bytes)
            #expect(try await client.send(set).string == "OK")
            #expect(try await client.send(RedisCommand("GET", key)).buffer == bytes)
            #expect(try await client.send(RedisCommand("GET", prefix + "none")) == .null)
            #expect(try await client.send(RedisCommand("DEL", key)).int == 1)
            _ = try await client.send(RedisCommand("HSET", key, "a", "1", "b", "2"))
            let hash = try await client.send(RedisCommand("HGETALL", key))
            #expect(hash["a"]?.int == 1 && hash["b"]?.string == "2" && hash["c"] == nil)
            _ = try await client.send([RedisCommand("DEL", key), RedisCommand("ZADD", key, "1.5", "m")])
            #expect(try await client.send(RedisCommand("ZSCORE", key, "m")) == .double(1.5))
            _ = try await client.send(RedisCommand("DEL", key))
        }
    }

    @Test func `errors of the server are typed, and the connection lives on`() async throws {
        try await TestServers.with { client, prefix async throws in
            let key = prefix + "list"
            _ = try await client.send(RedisCommand("RPUSH", key, "x"))
            let replies = try await client.send([
                RedisCommand("INCR", key), RedisCommand("NOSUCH", "secret"), RedisCommand.call("no_such_function", keys: [key]),
                RedisCommand("EVALSHA", "ff", "0"),
                RedisCommand("LLEN", key),
            ])
            #expect(replies.map { $0.refusal?.kind } == [.wrongType, .unknownCommand, .noFunction, .noFunction, nil])
            #expect(replies[4].int == 1)
            #expect(!"\(replies)".contains("secret"))
            _ = try await client.send(RedisCommand("DEL", key))
        }
    }

    @Test func `functions are called, and say when they fail`() async throws {
        try await TestServers.with { client, prefix async throws in
            let library = """
                #!lua name=martlet_client_test
                redis.register_function('martlet_client_echo', function(keys, args) return args end)
                redis.register_function('martlet_client_fail', function(keys, args)
                    redis.call('SET', keys[1], '1')
                    return nil + 1
                end)
                redis.register_function('martlet_client_half', function(keys, args)
                    redis.call('SET', keys[1], '1')
                    return redis.call('LPUSH', keys[1], 'x')
                end)
                redis.register_function('martlet_client_refuse', function(keys, args) return redis.error_reply('LOST the lease') end)
                """
            #expect(try await client.send(RedisCommand("FUNCTION", "LOAD", "REPLACE", library)).string == "martlet_client_test")
            var echo = RedisCommand.call("martlet_client_echo", keys: [prefix + "k"], capacity: 50_000)
            let payload = ByteBuffer(repeating: 65, count: 50_000)
            echo.add(payload)
            echo.add(7)
            #expect(try await client.send(echo) == .array([.bytes(payload), .bytes(ByteBuffer(string: "7"))]))
            let ends = [
                ("fail", RedisRefusal.Kind.functionFailed, "ERR", true), ("half", .wrongType, "WRONGTYPE", true), ("refuse", .other, "LOST", false),
            ]
            for (function, kind, code, wasUnderWay) in ends {
                let reply = try await client.send([RedisCommand.call("martlet_client_\(function)", keys: [prefix + "k"])])[0]
                #expect(reply.refusal?.kind == kind, "\(reply)")
                #expect(reply.refusal?.code == code && reply.refusal?.mayHaveHappened == wasUnderWay)
            }
            _ = try await client.send([RedisCommand("DEL", prefix + "k"), RedisCommand("FUNCTION", "DELETE", "martlet_client_test")])
        }
    }

    @Test func `a thousand callers share a connection, and each gets its own`() async throws {
        try await TestServers.with { client, prefix async throws in
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        do {
                            for round in 0..<5 {
                                let text = "\(prefix)\(number) \(round)"
                                guard try await client.send(RedisCommand("ECHO", text)).string == text else { return false }
                            }
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                for await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func `callers that are cancelled at random leave the others their replies`() async throws {
        try await TestServers.with { client, prefix async throws in
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        await withTaskGroup(of: Bool.self) { pair in
                            for _ in 0..<50 {
                                pair.addTask {
                                    do {
                                        let text = "\(prefix)\(number)"
                                        return try await client.send(RedisCommand("ECHO", text)).string == text
                                    } catch {
                                        if case RedisError.cancelled = error { return true }
                                        return false
                                    }
                                }
                            }
                            if number % 2 == 0 { pair.cancelAll() }
                            return await pair.allSatisfy { $0 }
                        }
                    }
                }
                for await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func `a blocking read hears what is written meanwhile`() async throws {
        try await TestServers.with { client, prefix async throws in
            let key = prefix + "stream"
            #expect(try await client.block(RedisCommand("XREAD", "BLOCK", "10", "STREAMS", key, "$"), for: .milliseconds(10)) == .null)
            async let news = client.block(RedisCommand("XREAD", "BLOCK", "30000", "STREAMS", key, "0"), for: .seconds(30))
            _ = try await client.send(RedisCommand("XADD", key, "7-1", "f", "v"))
            let reply = try await news
            #expect(reply[key]?.elements?.first?.elements?.first?.string == "7-1")
            _ = try await client.send(RedisCommand("DEL", key))
        }
    }

    @Test func `a client that is killed comes back, and says what it does not know`() async throws {
        try await TestServers.with(options: "?name=martlet-killed") { client, prefix async throws in
            let id = try #require(try await client.send(RedisCommand("CLIENT", "ID")).int)
            try await TestServers.with { other, _ async throws in
                #expect(try await other.send(RedisCommand("CLIENT", "KILL", "ID", String(id))).int == 1)
            }
            var next: Int?
            while next == nil {
                do throws(RedisError) {
                    next = try await client.send(RedisCommand("CLIENT", "ID")).int
                } catch {
                    #expect(error.isTransient)
                }
            }
            #expect(next != id)
        }
    }

    @Test func `a wrong password is said plainly, without it`() async throws {
        let url = try RedisURL(try TestServers.address("MARTLET_TEST_REDIS"))
        guard case .single(let endpoint) = url.topology else { return #expect(Bool(false), "MARTLET_TEST_REDIS names no single server") }
        let client = try RedisClient(RedisURL("redis://nobody:hunter2@\(endpoint)"))
        do throws(RedisError) {
            _ = try await client.send(RedisCommand("PING"))
            Issue.record("anybody is let in")
        } catch {
            guard case .refused(let refusal) = error else { throw error }
            #expect(refusal.kind == .denied && !"\(error)".contains("hunter2"))
        }
        await client.close()
    }

    @Test func `a database is chosen`() async throws {
        try await TestServers.with(options: "?db=3") { client, prefix async throws in
            _ = try await client.send(RedisCommand("SET", prefix + "k", "1"))
            try await TestServers.with { other, _ async throws in
                #expect(try await other.send(RedisCommand("EXISTS", prefix + "k")).int == 0)
            }
            #expect(try await client.send(RedisCommand("DEL", prefix + "k")).int == 1)
        }
    }
}
