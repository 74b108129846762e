import MartletCore
import NIOCore
import Testing

@testable import RedisStore

/// What a client does when its server does not do what it should.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    private static func settings(_ change: (inout RedisSettings) -> Void) -> RedisSettings {
        var settings = RedisSettings()
        change(&settings)
        return settings
    }

    /// How a command ended.
    private static func outcome(_ client: RedisClient, _ words: String..., within timeout: Duration? = nil) async -> Result<RESPValue, RedisError> {
        do throws(RedisError) {
            return .success(try await client.send(RedisCommand(words: words), within: timeout))
        } catch {
            return .failure(error)
        }
    }

    private static func isUnavailable(_ outcome: Result<RESPValue, RedisError>, mayHaveHappened: Bool) -> Bool {
        if case .failure(.unavailable(_, mayHaveHappened)) = outcome { true } else { false }
    }

    @Test func `a cancelled command leaves its neighbours their replies`() async throws {
        try await FakeServer.with { server, client async throws in
            async let first = Self.outcome(client, "GET", "1")
            _ = await server.next { $0.words == ["GET", "1"] }
            await withTaskGroup(of: Result<RESPValue, RedisError>.self) { group in
                group.addTask { await Self.outcome(client, "GET", "2") }
                _ = await server.next { $0.words == ["GET", "2"] }
                group.cancelAll()
                #expect(await group.next() == .failure(.cancelled(mayHaveHappened: true)))
            }
            async let third = Self.outcome(client, "GET", "3")
            _ = await server.next { $0.words == ["GET", "3"] }
            server.say("+one\r\n+two\r\n+three\r\n")
            #expect(await first.map(\.string) == .success("one"))
            #expect(await third.map(\.string) == .success("three"))
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `a command that was cancelled before it was written is never written`() async throws {
        try await FakeServer.with(Self.settings { $0.inFlightMax = 1 }) { server, client async throws in
            async let first = Self.outcome(client, "GET", "1")
            _ = await server.next { $0.words == ["GET", "1"] }
            await withTaskGroup(of: Result<RESPValue, RedisError>.self) { group in
                group.cancelAll()
                group.addTask { await Self.outcome(client, "GET", "2") }
                #expect(await group.next() == .failure(.cancelled(mayHaveHappened: false)))
            }
            async let third = Self.outcome(client, "GET", "3")
            server.say("+one\r\n")
            #expect(await server.next()?.words == ["GET", "3"])
            server.say("+three\r\n")
            #expect(await first.map(\.string) == .success("one"))
            #expect(await third.map(\.string) == .success("three"))
        }
    }

    @Test func `a late reply is dropped, and the next command gets its own`() async throws {
        let clock = ManualClock()
        try await FakeServer.with(RedisSettings(), Environment(clock: clock, random: SeededRandom(seed: 1))) { server, client async throws in
            async let first = Self.outcome(client, "GET", "1")
            _ = await server.next { $0.words == ["GET", "1"] }
            clock.advance(by: .seconds(5))
            #expect(await first == .failure(.timedOut(after: .seconds(5), mayHaveHappened: true)))
            async let second = Self.outcome(client, "GET", "2")
            _ = await server.next { $0.words == ["GET", "2"] }
            server.say("+late\r\n+two\r\n")
            #expect(await second.map(\.string) == .success("two"))
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `a connection that stays stuck is given up, and what waits goes out on the next`() async throws {
        let clock = ManualClock()
        let settings = Self.settings { $0.inFlightMax = 2 }
        try await FakeServer.with(settings, Environment(clock: clock, random: SeededRandom(seed: 1))) { command in
            guard command.words.first == "GET" else { return nil }
            return command.connection > 1 || command.words[1] == "0" ? .say("+\(command.words[1])\r\n") : .silence
        } body: { server, client async throws in
            #expect(await Self.outcome(client, "GET", "0").map(\.string) == .success("0"))
            async let first = Self.outcome(client, "GET", "1")
            _ = await server.next { $0.words == ["GET", "1"] }
            async let second = Self.outcome(client, "GET", "2", within: .seconds(60))
            _ = await server.next { $0.words == ["GET", "2"] }
            async let third = Self.outcome(client, "GET", "3", within: .seconds(60))
            clock.advance(by: .seconds(5))
            #expect(await first == .failure(.timedOut(after: .seconds(5), mayHaveHappened: true)))
            clock.advance(by: .seconds(5))
            #expect(Self.isUnavailable(await second, mayHaveHappened: true))
            #expect(await third.map(\.string) == .success("3"))
            #expect(server.connectionCount == 2)
        }
    }

    @Test(arguments: [
        FakeServer.Reaction.hangUp, .sayAndHangUp("$10\r\nhalf"), .sayAndHangUp("*2\r\n:1\r\n"), .say("HTTP/1.1 400 Bad Request\r\n\r\n"),
        .say("$-7\r\n"),
        .say("*1000000000\r\n"), .sayAndHangUp(""),
    ])
    func `whatever a server does to a command, others live on`(reaction: FakeServer.Reaction) async throws {
        try await FakeServer.with { command in
            switch command.words.first {
            case "BAD": reaction
            case "GET": .say("+fine\r\n")
            default: nil
            }
        } body: { server, client async throws in
            let outcome = await Self.outcome(client, "BAD")
            guard case .failure(let error) = outcome else { return #expect(Bool(false), "\(outcome)") }
            #expect(error.mayHaveHappened && error.isTransient)
            #expect(await Self.outcome(client, "GET").map(\.string) == .success("fine") || server.connectionCount == 1)
            while await Self.outcome(client, "GET").map(\.string) != .success("fine") {}
        }
    }

    @Test func `a reply to nothing ends the connection`() async throws {
        try await FakeServer.with { command in
            command.words.first == "GET" ? .say("+one\r\n+and another\r\n") : nil
        } body: { server, client async throws in
            #expect(await Self.outcome(client, "GET").map(\.string) == .success("one"))
            #expect(await server.next { $0.connection == 2 } != nil)
        }
    }

    @Test func `where nobody listens a command says so at once, and nothing was sent`() async throws {
        let server = try await FakeServer()
        let port = server.port
        try await server.close()
        let client = try RedisClient(RedisURL("redis://:hunter2@127.0.0.1:\(port)"), Self.settings { $0.reconnectBase = .milliseconds(5) })
        for _ in 0..<20 {
            let outcome = await Self.outcome(client, "GET", "hunter2")
            #expect(Self.isUnavailable(outcome, mayHaveHappened: false))
            #expect(!"\(outcome)".contains("hunter2") && "\(outcome)".contains("\(port)"))
        }
        let revived = try await FakeServer(port: port) { $0.words.first == "GET" ? .say("+back\r\n") : nil }
        #expect(await revived.next { $0.words == ["PING"] } != nil)
        while await Self.outcome(client, "GET").map(\.string) != .success("back") {}
        await client.close()
        try await revived.close()
    }

    @Test(arguments: [
        FakeServer.Reaction.hangUp, .sayAndHangUp("%1"), .say("-LOADING Redis is loading the dataset in memory\r\n"),
        .say("-NOAUTH Authentication required.\r\n"),
        .say("garbage\r\n"), .sayAndHangUp(greeting),
    ])
    func `attempts to reach a server that does not greet are paced`(reaction: FakeServer.Reaction) async throws {
        let settings = Self.settings {
            $0.reconnectBase = .seconds(30)
            $0.reconnectMax = .seconds(30)
        }
        try await FakeServer.with(settings) {
            $0.words.first == "HELLO" ? reaction : nil
        } body: { server, client async throws in
            for _ in 0..<50 {
                guard case .failure(let error) = await Self.outcome(client, "GET") else { return #expect(Bool(false), "somebody answered") }
                #expect(!error.mayHaveHappened)
            }
            #expect(server.connectionCount == 1)
        }
    }

    private static let greeting = FakeServer.greeting + "*1\r\n+master\r\n"

    @Test func `a server that greets and hangs up is paced too`() async throws {
        let settings = Self.settings {
            $0.reconnectBase = .seconds(30)
            $0.reconnectMax = .seconds(30)
        }
        try await FakeServer.with(settings) {
            $0.words.first == "PING" ? .sayAndHangUp("+PONG\r\n") : nil
        } body: { server, client async throws in
            for _ in 0..<50 { _ = await Self.outcome(client, "GET") }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `a server that accepts and is silent is given up in time`() async throws {
        let settings = Self.settings {
            $0.connectTimeout = .milliseconds(50)
            $0.reconnectBase = .seconds(30)
            $0.reconnectMax = .seconds(30)
        }
        try await FakeServer.with(settings) { _ in
            .silence
        } body: { _, client async throws in
            #expect(Self.isUnavailable(await Self.outcome(client, "GET"), mayHaveHappened: false))
        }
    }

    @Test func `too much at once is refused, and nothing was sent`() async throws {
        let settings = Self.settings {
            $0.inFlightMax = 1
            $0.waitingMax = 1
        }
        try await FakeServer.with(settings) { server, client async throws in
            async let first = Self.outcome(client, "GET", "1")
            _ = await server.next { $0.words == ["GET", "1"] }
            async let others = withTaskGroup(of: Result<RESPValue, RedisError>.self) { group in
                for _ in 0..<2 { group.addTask { await Self.outcome(client, "GET", "2") } }
                let refused = await group.next()
                server.say("+one\r\n")
                _ = await server.next { $0.words == ["GET", "2"] }
                server.say("+two\r\n")
                return (refused, await group.next())
            }
            #expect(await others.0 == .failure(.overloaded(waiting: 1)))
            #expect(await others.1?.map(\.string) == .success("two"))
            #expect(await first.map(\.string) == .success("one"))
        }
    }

    @Test func `a server that stops answering is left alone, and asked again`() async throws {
        let clock = ManualClock()
        let settings = Self.settings { $0.stuckAfter = .seconds(1000) }
        try await FakeServer.with(settings, Environment(clock: clock, random: SeededRandom(seed: 1))) { server, client async throws in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { _ = await Self.outcome(client, "GET", "1") } }
                for _ in 0..<5 { _ = await server.next { $0.words == ["GET", "1"] } }
                clock.advance(by: .seconds(6))
            }
            let refused = await Self.outcome(client, "GET", "2")
            #expect(Self.isUnavailable(refused, mayHaveHappened: false))
            #expect("\(refused)".contains("stopped answering"))
            clock.advance(by: .seconds(2))
            async let probe = Self.outcome(client, "GET", "3")
            _ = await server.next { $0.words == ["GET", "3"] }
            #expect(Self.isUnavailable(await Self.outcome(client, "GET", "4"), mayHaveHappened: false))
            server.say(String(repeating: "+late\r\n", count: 5) + "+three\r\n")
            #expect(await probe.map(\.string) == .success("three"))
            async let next = Self.outcome(client, "GET", "5")
            _ = await server.next { $0.words == ["GET", "5"] }
            server.say("+five\r\n")
            #expect(await next.map(\.string) == .success("five"))
        }
    }

    @Test func `a master that has become a replica is left, after the replies that are due`() async throws {
        try await FakeServer.with { command in
            guard command.words.first == "SET" else { return nil }
            return .say(command.connection == 1 ? "-READONLY You can't write against a read only replica.\r\n" : "+OK\r\n")
        } body: { server, client async throws in
            guard case .failure(.refused(let refusal)) = await Self.outcome(client, "SET") else { return #expect(Bool(false), "no refusal") }
            #expect(refusal.kind == .readOnly)
            #expect(await Self.outcome(client, "SET").map(\.string) == .success("OK"))
            #expect(server.connectionCount == 2)
        }
    }

    @Test func `an error of one command of a pipeline stands in its place`() async throws {
        try await FakeServer.with {
            $0.words.first == "X" ? .say($0.words[1] == "2" ? "-ERR no\r\n" : ":\($0.words[1])\r\n") : nil
        } body: { _, client async throws in
            let replies = try await client.send((1...3).map { RedisCommand("X", "\($0)") })
            #expect(replies == [.integer(1), .refusal(RedisRefusal(reply: "ERR no")), .integer(3)])
        }
    }
}
