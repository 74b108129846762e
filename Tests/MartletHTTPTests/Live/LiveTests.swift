import Martlet
import MartletCore
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(1)))
struct LiveTests {
    private func append(_ numbers: ClosedRange<Int>, to stream: String = "s", type: String = "n", _ server: TestServer) async throws {
        _ = try await server.memory.append(
            numbers.map { NewEvent(stream: stream, type: type, data: Payload(.object([.init("n", .integer($0))]))) })
    }

    @Test func `H3-2 A reader gets what was there before it came, then what comes, once and in order`() async throws {
        try await TestServer.run { server async throws in
            try await append(1...3, server)
            try await LiveClient.open(port: server.port) { client in
                try await client.subscribe("s")
                #expect(try await client.nextJSON().description == #"{"op":"subscribed","stream":"s","after":0}"#)
                #expect(try await client.nextJSON()["data"]?.description == #"{"n":1}"#)
                #expect(try await client.sequences(2) == [2, 3])
                try await append(4...5, server)
                #expect(try await client.sequences(2) == [4, 5])
            }
        }
    }

    @Test func `A reader that breaks off again and again misses nothing and gets nothing twice`() async throws {
        try await TestServer.run { server async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 1...300 { try await append(number...number, server) }
                }
                var seen: [Int] = []
                while seen.count < 300 {
                    let (after, wanted) = (seen.count, min(37, 300 - seen.count))
                    seen += try await LiveClient.open(port: server.port) { client in
                        try await client.subscribe("s", after: after)
                        return try await client.sequences(wanted)
                    }
                }
                #expect(seen == Array(1...300))
                try await group.waitForAll()
            }
        }
    }

    @Test func `H3-3 S3-22 Many readers of one stream cost the store what one costs`() async throws {
        let metrics = MetricsRegistry()
        let counting = ReadCount()
        try await TestServer.run(through: { counting.wrap($0) }, metrics: metrics) { server async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let ready = Inbox()
                for _ in 0..<50 {
                    group.addTask {
                        try await LiveClient.open(port: server.port) { client in
                            try await client.subscribe("s")
                            _ = try await client.nextJSON()
                            await ready.receive([1])
                            #expect(try await client.sequences(20) == Array(1...20))
                        }
                    }
                }
                _ = try await ready.read(count: 50)
                let before = counting.count
                for number in 1...20 { try await append(number...number, server) }
                try await group.waitForAll()
                // One read for each growth at most, one to find that this was all, and a few of those who look because of the time.
                #expect(counting.count - before <= 60)
            }
        }
    }

    @Test func `Several streams share a connection, and unsubscribing from one ends that one alone`() async throws {
        try await TestServer.run { server async throws in
            try await LiveClient.open(port: server.port) { client in
                for stream in ["a", "b"] {
                    try await client.subscribe(stream)
                    #expect(try await client.nextJSON()["op"] == "subscribed")
                }
                try await append(1...1, to: "a", server)
                #expect(try await client.nextJSON()["stream"] == "a")
                try await client.send(#"{"op":"unsubscribe","stream":"a"}"#)
                #expect(try await client.nextJSON()["op"] == "unsubscribed")
                try await append(2...2, to: "a", server)
                try await append(1...1, to: "b", server)
                #expect(try await client.nextJSON()["stream"] == "b")
                try await client.subscribe("a", after: 1)
                #expect(try await client.nextJSON()["op"] == "subscribed")
                #expect(try await client.sequences(1) == [2])
            }
        }
    }

    @Test func `S3-11 A reader of one tenant can read that tenant's jobs and nothing else, whatever it asks for`() async throws {
        try await GuardedServer.run { guarded async throws in
            let server = guarded.server
            let key = try await guarded.key(.admin)
            let own = try await guarded.job(of: "a", key: key)
            let foreign = try await guarded.job(of: "b", key: key)
            let ofTenant = try await guarded.key(.jobsRead, .eventsRead, tenant: "a")
            let unknown = "job/00000000-0000-7000-8000-000000000000"
            let hidden = [
                "job/\(foreign)", "job/\(foreign.uppercased())", "job/\(own.uppercased())", "job/ \(own)", "job/\(own)/", "job/", "audit",
                "queue/default", "s",
            ]
            try await LiveClient.open(port: server.port, headers: ["Authorization": "Bearer \(ofTenant)"]) { client in
                try await client.subscribe(unknown)
                let none = try await client.nextJSON()
                #expect(none["op"] == "error" && none["type"] == "not-found")
                for stream in hidden {
                    try await client.subscribe(stream)
                    let answer = try await client.nextJSON()
                    #expect(answer["detail"] == none["detail"] && answer["type"] == "not-found", "\(stream)")
                }
                try await client.subscribe("job/\(own)")
                #expect(try await client.nextJSON()["op"] == "subscribed")
            }
        }
    }

    @Test(
        arguments: [
            ([0x81, 0x01, 0x61], 1002), (Frames.bytes(0xC1, [0x61]), 1002), (Frames.bytes(0x83, []), 1002), (Frames.bytes(0x80, [0x61]), 1002),
            (Frames.bytes(0x09, []), 1002), (Frames.bytes(0x89, [UInt8](repeating: 0, count: 126)), 1002), (Frames.bytes(0x82, [1]), 1003),
            (Frames.bytes(0x81, [0xC3, 0x28]), 1007), (Frames.bytes(0x81, [UInt8](repeating: 0x20, count: 16_385)), 1009),
            ([0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], 1009), (Frames.bytes(0x88, [0x03]), 1002), (Frames.bytes(0x88, [0x03, 0xE8]), 1000),
        ] as [([UInt8], Int)])
    func `What is no frame of RFC 6455 closes the connection with the code that says why`(_ bytes: [UInt8], _ code: Int) async throws {
        try await TestServer.run { server async throws in
            try await LiveClient.open(port: server.port) { client in
                try await client.connection.send(bytes)
                let close = try await client.next()
                #expect(close.first == 0x88 && close.code == code)
                if code != 1000 { try await client.connection.send(Frames.bytes(0x88, [0x03, 0xEA])) }
                #expect(await client.connection.inbox.readToEnd() == [])
            }
        }
    }

    @Test func `A ping is answered with what it held, also inside a message in fragments`() async throws {
        try await TestServer.run { server async throws in
            try await LiveClient.open(port: server.port) { client in
                let text = Array(#"{"op":"subscribe","stream":"s"}"#.utf8)
                try await client.connection.send(Frames.bytes(0x01, Array(text[..<5])))
                try await client.connection.send(Frames.bytes(0x89, [7, 8]))
                #expect(try await client.next() == .init(first: 0x8A, payload: [7, 8]))
                try await client.connection.send(Frames.bytes(0x80, Array(text[5...])))
                #expect(try await client.nextJSON()["op"] == "subscribed")
            }
        }
    }

    @Test func `A handshake that is none is answered as HTTP`() async throws {
        try await TestServer.run { server async throws in
            func status(_ headers: [String: String]) async throws -> (Int, String?) {
                try await Connection.open(port: server.port) { connection in
                    try await connection.send("GET", "/v1/live", headers: LiveClient.headers.merging(headers) { $1 })
                    let reply = try await connection.reply()
                    return (reply.status, try reply.problem)
                }
            }
            #expect(try await status(["Upgrade": ""]) == (426, "upgrade-required"))
            #expect(try await status(["Connection": "close"]) == (426, "upgrade-required"))
            #expect(try await status(["Sec-WebSocket-Version": "8"]) == (426, "upgrade-required"))
            #expect(try await status(["Sec-WebSocket-Key": "c2hvcnQ="]) == (400, "invalid-field"))
            #expect(try await status(["Origin": "http://elsewhere.example"]) == (403, "foreign-origin"))
            #expect(try await status(["Sec-Fetch-Site": "cross-site"]) == (403, "foreign-origin"))
            #expect(try await status(["Host": "elsewhere.example"]) == (421, "wrong-host"))
            let plain = try await server.get("/v1/live")
            #expect(plain.status == 426 && plain.headers["upgrade"] == "websocket" && plain.headers["sec-websocket-version"] == "13")
            try await LiveClient.open(port: server.port, headers: ["Origin": "http://localhost"]) { _ in }
        }
    }

    @Test func `A connection that has answered other requests can still become a WebSocket`() async throws {
        try await TestServer.run { server async throws in
            try await Connection.open(port: server.port) { connection in
                try await connection.send("GET", "/healthz")
                _ = try await connection.inbox.read(until: "}")
                try await connection.send("GET", "/v1/live", headers: LiveClient.headers)
                #expect(try await connection.inbox.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
                let client = LiveClient(connection: connection)
                try await client.subscribe("s")
                #expect(try await client.nextJSON()["op"] == "subscribed")
            }
        }
    }

    @Test func `Connections are bounded, and one that ends makes room`() async throws {
        let metrics = MetricsRegistry()
        try await TestServer.run({ $0.socketsMax = 1 }, metrics: metrics) { server async throws in
            try await LiveClient.open(port: server.port) { client in
                let refused = try await Connection.open(port: server.port) { connection in
                    try await connection.send("GET", "/v1/live", headers: LiveClient.headers)
                    return try await connection.reply()
                }
                #expect(refused.status == 503 && refused.headers["retry-after"] != nil)
                #expect(try refused.problem == "too-many-streams")
                #expect(try await server.get("/metrics").text.contains("martlet_live_connections 1\n"))
                try await client.connection.send(Frames.bytes(0x88, [0x03, 0xE8]))
                _ = await client.connection.inbox.readToEnd()
            }
            while try await !server.get("/metrics").text.contains("martlet_live_connections 0\n") { await Task.yield() }
            try await LiveClient.open(port: server.port) { _ in }
        }
    }

    @Test func `A server that stops says goodbye`() async throws {
        try await TestServer.run { server async throws in
            try await LiveClient.open(port: server.port) { client in
                try await client.subscribe("s")
                _ = try await client.nextJSON()
                await server.stop()
                let close = try await client.next()
                #expect(close.first == 0x88 && close.code == 1001)
                try await client.connection.send(Frames.bytes(0x88, [0x03, 0xE9]))
                #expect(await client.connection.inbox.readToEnd() == [])
            }
        }
    }
}
