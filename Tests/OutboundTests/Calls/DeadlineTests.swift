import MartletCore
import MartletTesting
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import Outbound

@Suite struct DeadlineTests {
    /// Makes a call that nobody answers and lets its time pass, up to `limit`; answers the error and how long the call took.
    private static func timeOut(
        _ destination: Destination, limit: Duration, _ script: @escaping HostileServer.Script
    ) async throws -> (OutboundError?, Duration) {
        try await HostileServer.run(script) { server in
            try await Outside.still { outside async throws in
                try await withThrowingTaskGroup(of: OutboundError?.self) { group in
                    group.addTask { await failure { try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: destination)) } }
                    await server.waitForRequests(1)
                    try await outside.clock.waitForSleepers()
                    #expect(outside.clock.uptime() == .zero)
                    outside.clock.advance(by: limit)
                    let error = try await group.next() ?? nil
                    return (error, outside.clock.uptime())
                }
            }
        }
    }

    @Test(
        "S0-6, S0-7, S0-8, S0-9, S0-33: an authentication call ends after 10 s, a token exchange after 15 s, a media call after 30 s",
        arguments: [("authentication", Deadlines.authentication, 10), ("media", .media, 30), ("token", .tokenExchange, 15)])
    func blackHole(name: String, deadlines: Deadlines, seconds: Int) async throws {
        let destination = Outside.destination(name, deadlines: deadlines) { $0.retry = .none }
        #expect(destination.deadlines.total == .seconds(seconds))
        let (error, _) = try await Self.timeOut(destination, limit: .seconds(seconds)) { _ in [] }
        #expect(error == .deadline(.total, destination: name, limit: .seconds(seconds)))
    }

    @Test func `S0-9: a server that accepts and says nothing runs into the first-byte deadline`() async throws {
        let deadlines = Deadlines(connect: .seconds(1), firstByte: .seconds(2), idle: .seconds(9), total: .seconds(60))
        let (error, _) = try await Self.timeOut(Outside.destination("slow", deadlines: deadlines) { $0.retry = .none }, limit: .seconds(3)) { _ in []
        }
        #expect(error == .deadline(.firstByte, destination: "slow", limit: .seconds(2)))
    }

    @Test func `S0-9: half a head is no answer`() async throws {
        let deadlines = Deadlines(connect: .seconds(1), firstByte: .seconds(2), total: .seconds(60))
        let destination = Outside.destination("slow", deadlines: deadlines) { $0.retry = .none }
        let (error, _) = try await Self.timeOut(destination, limit: .seconds(3)) { _ in [.write("HTTP/1.1 200 OK\r\nContent-Le")] }
        #expect(error == .deadline(.firstByte, destination: "slow", limit: .seconds(2)))
    }

    /// Calls, and hands each chunk of the answer to `chunk` with the clock that may be moved and the server that may say more.
    private static func stream(
        _ deadlines: Deadlines, first: String, _ chunk: @escaping @Sendable (Int, VirtualClock, HostileServer) async throws -> Void
    ) async throws -> OutboundError? {
        try await HostileServer.run({ _ in [.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + first)] }) { server in
            try await Outside.still { outside async throws in
                let destination = Outside.destination("drip", deadlines: deadlines) { $0.retry = .none }
                return await failure {
                    try await outside.client.call(OutboundRequest(.GET, server.url, to: destination)) { response in
                        var count = 0
                        for try await _ in response.body {
                            count += 1
                            try await chunk(count, outside.clock, server)
                        }
                    }
                }
            }
        }
    }

    @Test("S0-9: a body that falls silent runs into the idle deadline")
    func silence() async throws {
        let deadlines = Deadlines(firstByte: .seconds(20), idle: .seconds(5), total: .seconds(60))
        let error = try await Self.stream(deadlines, first: "x") { _, clock, _ in
            try await clock.waitForSleepers()
            clock.advance(by: .seconds(5))
        }
        #expect(error == .deadline(.idle, destination: "drip", limit: .seconds(5)))
    }

    @Test("S0-9: a body that comes drop by drop runs into the total deadline")
    func slowDrip() async throws {
        let deadlines = Deadlines(firstByte: .seconds(20), idle: .seconds(5), total: .seconds(12))
        let drops = Mutex(0)
        let error = try await Self.stream(deadlines, first: "x") { count, clock, server in
            drops.withLock { $0 = count }
            try await clock.waitForSleepers()
            clock.advance(by: .seconds(4))
            server.push("x")
        }
        #expect(error == .deadline(.total, destination: "drip", limit: .seconds(12)))
        #expect(drops.withLock { $0 } >= 2)
    }

    @Test("S2-46: retries end with the deadline that the caller has left, with a typed failure before it")
    func retriesEndInTime() async throws {
        try await HostileServer.run({ _ in [.answer(503)] }) { server in
            try await Outside.still { outside async throws in
                // S2-42: 1, 2, 4 s, bounded by the caller's deadline.
                let destination = Outside.destination {
                    $0.retry.backoff = RetryPolicy(base: .seconds(1), factor: 2, max: .seconds(4))
                    $0.retry.attempts = 20
                }
                var request = OutboundRequest(.GET, server.url, to: destination)
                request.within = .seconds(10)
                let limited = request
                let status = try await withThrowingTaskGroup(of: Int.self) { group in
                    group.addTask { try await outside.client.reply(to: limited).status }
                    group.addTask {
                        while true {
                            try await outside.clock.waitForSleepers()
                            // A wait between attempts ends before the deadline; what ends with it is the watch of a call under way.
                            if let next = outside.clock.untilNextSleeper, outside.clock.uptime() + next < .seconds(10) {
                                outside.clock.advanceToNextSleeper()
                            }
                            await Task.yield()
                        }
                    }
                    defer { group.cancelAll() }
                    return try await group.next() ?? 0
                }
                #expect(status == 503)
                #expect(outside.clock.uptime() < .seconds(10))
                #expect(server.requests.count >= 3)
            }
        }
    }

    @Test func `a call whose caller has no time left is not made`() async throws {
        try await HostileServer.run({ _ in [.answer()] }) { server in
            try await Outside.real { outside async throws in
                var request = OutboundRequest(.GET, server.url, to: Outside.destination())
                request.within = .zero
                let late = request
                #expect(await failure { try await outside.client.reply(to: late) } == .deadline(.total, destination: "test", limit: .zero))
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test func `a name server that never answers runs into the connect deadline`() async throws {
        try await Outside.still(resolver: SilentResolver()) { outside async throws in
            let deadlines = Deadlines(connect: .seconds(3), firstByte: .seconds(10), total: .seconds(10))
            let destination = Outside.destination("lost", deadlines: deadlines) { $0.retry = .none }
            let error = try await withThrowingTaskGroup(of: OutboundError?.self) { group in
                group.addTask { await failure { try await outside.client.reply(to: OutboundRequest(.GET, "http://lost.test/", to: destination)) } }
                try await outside.clock.waitForSleepers()
                outside.clock.advance(by: .seconds(3))
                return try await group.next() ?? nil
            }
            #expect(error == .deadline(.connect, destination: "lost", limit: .seconds(3)))
        }
    }

    @Test func `a cancelled call ends at once and is not retried`() async throws {
        try await HostileServer.run({ _ in [] }) { server in
            try await Outside.real { outside async throws in
                try await withThrowingTaskGroup(of: Void.self) { group async throws in
                    group.addTask { _ = try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: Outside.destination())) }
                    await server.waitForRequests(1)
                    group.cancelAll()
                    await #expect(throws: CancellationError.self) { try await group.next() }
                    #expect(server.requests.count == 1)
                }
            }
        }
    }
}

private struct SilentResolver: HostResolver {
    func addresses(of host: String) async throws -> [IPAddress] {
        // Until the call's own deadline cancels it.
        let (stream, continuation) = AsyncStream.makeStream(of: IPAddress.self)
        defer { continuation.finish() }
        for await _ in stream {}
        throw CancellationError()
    }

    func stop() async throws {}
}
