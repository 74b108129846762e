import Martlet
import MartletCore
import Testing

@testable import MartletHTTP

/// Readers that do not keep up, over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct SlowReaderTests {
    private static let padding = String(repeating: "x", count: 16 << 10)

    private func append(_ server: TestServer) async throws {
        _ = try await server.memory.append([NewEvent(stream: "s", type: "n", data: Payload(.string(Self.padding)))])
    }

    /// Two readers of one stream, the first of which takes nothing from its socket any more.
    private func withReaders(
        of server: TestServer, _ body: @escaping @Sendable (_ slow: LiveClient, _ healthy: LiveClient) async throws -> Void
    ) async throws {
        try await LiveClient.open(port: server.port) { slow in
            try await slow.subscribe("s")
            #expect(try await slow.nextJSON()["op"] == "subscribed")
            try await slow.connection.setReading(false)
            try await LiveClient.open(port: server.port) { healthy in
                try await healthy.subscribe("s")
                #expect(try await healthy.nextJSON()["op"] == "subscribed")
                try await body(slow, healthy)
            }
        }
    }

    @Test func `H0-13 A reader that falls behind is told where, gets what it missed, and holds nobody up`() async throws {
        try await TestServer.run { server async throws in
            try await withReaders(of: server) { slow, healthy in
                var count = 0
                func appendOne() async throws {
                    count += 1
                    try await append(server)
                    // Each is there before the next is appended: who waited for the slow one would wait for ever.
                    #expect(try await healthy.sequences(1) == [count])
                }
                while try await !server.get("/metrics").text.contains("martlet_live_lagged_total 1\n") { try await appendOne() }
                for _ in 0..<20 { try await appendOne() }

                try await slow.connection.setReading(true)
                var (seen, told): ([Int], Int?) = ([], nil)
                while seen.count < count {
                    let message = try await slow.nextJSON()
                    if message["op"] == "lagged" {
                        told = message["after"]?.integerValue
                        #expect(told == seen.last)
                    } else {
                        seen.append(message["seq"]?.integerValue ?? 0)
                    }
                }
                #expect(told != nil)
                #expect(seen == Array(1...count))
            }
        }
    }

    @Test func `H0-13 A reader that takes nothing for 30 s is closed, and its neighbour misses nothing meanwhile`() async throws {
        let clock = HurryingClock()
        try await TestServer.run(environment: MartletCore.Environment(clock: clock, random: SystemRandom())) { server async throws in
            try await withReaders(of: server) { slow, healthy in
                let start = clock.uptime()
                var count = 0
                func appendUntil(_ metric: String) async throws {
                    while try await !server.get("/metrics").text.contains("\(metric) 1\n") {
                        count += 1
                        try await append(server)
                        #expect(try await healthy.sequences(1) == [count])
                    }
                }
                // As long as it has room it is not stalled but silent, which is another rule's.
                try await appendUntil("martlet_live_lagged_total")
                clock.hurry(by: 10)
                try await appendUntil(#"martlet_live_dropped_total{reason="stalled"}"#)
                #expect(clock.uptime() - start >= Stall.limit)
                while try await !server.get("/metrics").text.contains("martlet_live_connections 1\n") { await Task.yield() }
                // What the kernel still held for it, then the end.
                try await slow.connection.setReading(true)
                _ = await slow.connection.inbox.readToEnd()
                try await append(server)
                #expect(try await healthy.sequences(1) == [count + 1])
            }
        }
    }
}
