import MartletCore
import MartletTesting
import Synchronization
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(1)))
struct FloodTests {
    @Test func `S0-55: A flood at three times the capacity ends in refusals and a healthy server`() async throws {
        let gate = Gate()
        try await GuardedServer.run {
            $0.requestsMax = 8
        } through: {
            HookedStore(base: $0) { call, _ throws(StoreError) in
                if call == "jobs" { await gate.pass() }
            }
        } _: { server async throws in
            let key = try await server.key(.admin)
            #expect(try await server.get("/healthz").status == 200)
            try await withThrowingTaskGroup(of: Reply.self) { group in
                for _ in 0..<24 { group.addTask { try await server.get("/v1/jobs", key: key) } }
                var refused = 0
                for _ in 0..<16 {
                    let reply = try #require(try await group.next())
                    if reply.status == 429 { refused += 1 }
                    #expect(try reply.problem == "too-many-requests")
                    #expect(reply.headers["retry-after"] == "1")
                }
                #expect(refused == 16)
                // Eight are worked on; how the server is doing can still be asked.
                #expect(try await server.get("/healthz").status == 200)
                #expect(try await server.get("/v1/jobs", key: key).status == 429)
                gate.open()
                for try await reply in group { #expect(reply.status == 200) }
            }
            for _ in 0..<20 { #expect(try await server.get("/v1/jobs", key: key).status == 200) }
        }
    }

    @Test func `Waiting claims and live streams take no place from requests`() async throws {
        try await GuardedServer.run {
            $0.requestsMax = 4
        } _: { server async throws in
            let key = try await server.key(.admin)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        let reply = try await server.post("/v1/claim", #"{"node":"n\#(number)","kinds":["a"],"wait":2}"#, key: key)
                        #expect(reply.status == 200)
                    }
                }
                while try await !server.get("/metrics", key: key).text.contains("martlet_http_open_streams 4") {}
                #expect(try await server.get("/v1/jobs", key: key).status == 200)
                try await group.waitForAll()
            }
        }
    }

    @Test func `A principal beyond its rate is told to wait, and holds back no other`() async throws {
        try await GuardedServer.run {
            $0.rate = Rate(count: 5, per: .seconds(3600))
        } _: { server async throws in
            let (busy, calm) = (try await server.key(.admin), try await server.key(.jobsRead))
            var statuses: [Int] = []
            for _ in 0..<15 { statuses.append(try await server.get("/v1/jobs", key: busy).status) }
            #expect(statuses == Array(repeating: 200, count: 5) + Array(repeating: 429, count: 10))
            let refused = try await server.get("/v1/jobs", key: busy)
            #expect(Int(refused.headers["retry-after"] ?? "") ?? 0 > 600)
            #expect(try await server.get("/v1/jobs", key: calm).status == 200)
        }
    }

    @Test func `Whoever sends wrong credentials over and over is not looked at any more, and others are`() async throws {
        try await GuardedServer.run {
            $0.failureRate = Rate(count: 3, per: .seconds(3600))
            $0.trustedProxies = [Network("127.0.0.1")].compactMap { $0 }
        } _: { server async throws in
            let known = try await server.key(.admin)
            let (bad, good) = (["X-Forwarded-For": "203.0.113.7"], ["X-Forwarded-For": "203.0.113.8"])
            #expect(try await server.get("/v1/jobs", key: known, headers: good).status == 200)
            var statuses: [Int] = []
            for _ in 0..<5 { statuses.append(try await server.get("/v1/jobs", key: "mk_wrong", headers: bad).status) }
            #expect(statuses == [401, 401, 401, 429, 429])
            #expect(try await server.get("/v1/jobs", key: "mk_wrong", headers: good).status == 401)
            // A key that is known is no guess, wherever it comes from.
            #expect(try await server.get("/v1/jobs", key: known, headers: bad).status == 200)
        }
    }

    @Test func `H2-10: of many at the same instant exactly as many pass as may`() async throws {
        let clock = VirtualClock()
        let throttle = Throttle(Rate(count: 50, per: .seconds(60)), clock: clock)
        for _ in 0..<3 {
            let passed = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<1000 { group.addTask { throttle.take("a") == nil } }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(passed == 50)
            clock.advance(by: .seconds(60))
        }
        // Nothing is left behind that would never end: one instant is the whole state.
        for _ in 0..<50 { #expect(throttle.take("b") == nil) }
        #expect(throttle.take("b") == .milliseconds(1200))
        clock.stepWall(by: .seconds(100_000))
        #expect(throttle.take("b") != nil)
        clock.advance(by: .milliseconds(1200))
        #expect(throttle.take("b") == nil)
    }

    @Test func `More names than there is room for share one bucket, until others have been quiet`() {
        let clock = VirtualClock()
        let throttle = Throttle(Rate(count: 1, per: .seconds(10)), namesMax: 100, clock: clock)
        #expect((0..<100).allSatisfy { throttle.take("\($0)") == nil })
        #expect(throttle.take("new") == nil)
        #expect(throttle.take("newer") != nil)
        clock.advance(by: .seconds(10))
        #expect((200..<300).allSatisfy { throttle.take("\($0)") == nil })
    }

    @Test(arguments: [
        // Nobody's word counts but a trusted proxy's.
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"), ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        // What the client wrote itself stands before what the proxy added.
        ("10.0.0.2", "1.1.1.1, 198.51.100.1", "198.51.100.1"), ("10.0.0.2", "127.0.0.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "1.1.1.1,198.51.100.1, 10.9.9.9", "198.51.100.1"), ("10.0.0.2", "10.1.1.1", "10.1.1.1"), ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "198.51.100.1, nonsense", "10.0.0.2"), ("10.0.0.2", "198.51.100.1:5555", "198.51.100.1"),
        ("::ffff:10.0.0.2", "[2001:db8::1]:443", "2001:db8::1"), ("11.0.0.2", "198.51.100.1", "11.0.0.2"),
    ])
    func `H2-9: a client's address is the last that no trusted proxy has`(peer: String, forwarded: String, expected: String) {
        let trusted = [Network("10.0.0.0/8")].compactMap { $0 }
        #expect(ClientAddress(peer: peer, forwarded: forwarded, scheme: nil, trusted: trusted).text == expected)
    }

    @Test func `A range holds what begins with the same bits`() throws {
        for (range, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.1", "11.0.0.0"), ("192.168.4.0/22", "192.168.7.255", "192.168.8.0"), ("10.1.2.3", "10.1.2.3", "10.1.2.4"),
            ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"), ("0.0.0.0/0", "1.2.3.4", "::1"),
        ] {
            let range = try #require(Network(range))
            let (first, second) = (try #require(IPAddress(inside)), try #require(IPAddress(outside)))
            #expect(range.contains(first) && !range.contains(second))
        }
        for text in ["", "10.0.0.0/33", "10.0.0/8", "host", "10.0.0.0/8/8", "10.0.0.0/-1", "::1/129"] { #expect(Network(text) == nil) }
        // One customer has a whole network of version 6.
        #expect(IPAddress("2001:db8::1")?.limitName == IPAddress("2001:db8::2")?.limitName)
        #expect(IPAddress("10.0.0.1")?.limitName != IPAddress("10.0.0.2")?.limitName)
    }

    @Test func `S0-14: while an issuer is silent, whoever has a key is served`() async throws {
        let issuer = try IssuerDouble()
        let source = KeySetDouble(.silence, clock: SystemClock())
        try await GuardedServer.run(
            {
                $0.tokens = TokenSettings(issuer: IssuerDouble.name, audience: IssuerDouble.audience, keys: .keySet(url: "https://issuer.example"))
            }, source: source
        ) { server async throws in
            let key = try await server.key(.admin)
            let token = try await issuer.sign(IssuerDouble.claims(at: SystemClock().now()), .rs256, kid: "r1")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let reply = try await server.get("/v1/jobs", key: token)
                        #expect(reply.status == 503 && reply.headers["retry-after"] == "1")
                    }
                }
                for _ in 0..<200 { #expect(try await server.get("/v1/jobs", key: key).status == 200) }
                try await group.waitForAll()
            }
        }
    }

    @Test func `S3-3: a full queue refuses with a time to come back, and accepts again once it has drained`() async throws {
        try await GuardedServer.run { server async throws in
            let key = try await server.key(.admin)
            _ = try await server.send("PATCH", "/v1/queues/q", #"{"high_water":5,"low_water":3}"#, key: key)
            let job = #"{"kind":"a","payload":1,"queue":"q"}"#
            var ids: [String] = []
            for _ in 0..<5 { ids.append(try await server.post("/v1/jobs", job, key: key).json["id"]?.stringValue ?? "") }
            let full = try await server.post("/v1/jobs", job, key: key)
            #expect(try full.status == 429 && full.problem == "queue-full")
            #expect(Int(full.headers["retry-after"] ?? "") ?? 0 >= 1)
            // Below the high mark is not enough: it must have drained below the low one.
            for (index, id) in ids.prefix(3).enumerated() {
                _ = try await server.post("/v1/jobs/\(id)/cancel", key: key)
                let status = try await server.post("/v1/jobs", #"{"kind":"a","payload":1,"queue":"q","key":"once"}"#, key: key).status
                #expect(index < 2 ? status == 429 : status == 201, "\(index)")
            }
        }
    }
}
