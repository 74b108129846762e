import Foundation
import MartletCore
import NIOCore
import Testing

@testable import RedisStore

@Suite(.timeLimit(.minutes(1))) struct ClosingTests {
    @Test func `closing ends what is under way and refuses what comes`() async throws {
        try await FakeServer.with { server, client async throws in
            _ = try await client.send(RedisCommand("PING"))
            await withTaskGroup(of: RedisError?.self) { group in
                group.addTask { await Self.failure { try await client.send(RedisCommand("GET")) } }
                group.addTask { await Self.failure { try await client.block(RedisCommand("XREAD"), for: .seconds(15)) } }
                for _ in 0..<2 { _ = await server.next { ["GET", "XREAD"].contains($0.words.first) } }
                await client.close()
                for await failure in group { #expect(failure?.mayHaveHappened == true) }
            }
            #expect(await Self.failure { try await client.send(RedisCommand("GET")) } == .closed)
            #expect(await Self.failure { try await client.block(RedisCommand("XREAD"), for: .seconds(15)) } == .closed)
            await server.waitForEnd(of: 1)
            await server.waitForEnd(of: 2)
            await client.close()
        }
    }

    private static func failure(_ body: () async throws -> RESPValue) async -> RedisError? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? RedisError
        }
    }

    /// In a process of its own, whose descriptors and threads nobody else changes.
    @Test func `nothing of a client is left when it is closed`() async {
        await #expect(processExitsWith: .success) {
            let server = try await FakeServer { command in
                switch command.words.first {
                case "GET": .say("+value\r\n")
                case "BAD": .hangUp
                default: nil
                }
            }
            func count(_ folder: String) throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/\(folder)").count }
            func useClient() async throws {
                let client = try RedisClient(RedisURL("redis://\(server.endpoint)"))
                _ = try await client.send(RedisCommand("GET"))
                _ = await ClosingTests.failure { try await client.send(RedisCommand("BAD")) }
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<3 {
                        group.addTask { _ = await ClosingTests.failure { try await client.block(RedisCommand("XREAD"), for: .seconds(9)) } }
                    }
                    for _ in 0..<3 { _ = await server.next { $0.words.first == "XREAD" } }
                    group.cancelAll()
                }
                await client.close()
                for connection in 1...server.connectionCount { await server.waitForEnd(of: connection) }
            }
            // The first use starts what the process keeps: threads of the runtime and of the resolver.
            try await useClient()
            let descriptors = try count("fd")
            let threads = try count("task")
            for _ in 0..<20 { try await useClient() }
            let (descriptorsLeft, threadsLeft) = (try count("fd"), try count("task"))
            precondition(descriptorsLeft <= descriptors, "\(descriptorsLeft) descriptors, \(descriptors) before")
            // The runtime may have needed one more thread meanwhile; twenty clients would have left twenty.
            precondition(threadsLeft <= threads + 2, "\(threadsLeft) threads, \(threads) before")
            try await server.close()
        }
    }
}
