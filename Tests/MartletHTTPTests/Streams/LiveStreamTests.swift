import Martlet
import MartletCore
import MartletHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LiveStreamTests {
    /// Appends events of type `n` to the job's stream under its lease.
    private func emit(_ numbers: ClosedRange<Int>, _ server: TestServer, _ job: (id: String, epoch: Int)) async throws {
        let events = numbers.map { #"{"type":"n","data":\#($0)}"# }.joined(separator: ",")
        let reply = try await server.post("/v1/leases/\(job.id)/events", #"{"epoch":\#(job.epoch),"events":[\#(events)]}"#)
        #expect(reply.status == 200)
    }

    /// The ids of the frames of type `n`.
    private func ids(_ text: String) -> [Int] {
        text.matches(of: /id: ([0-9]+)\nevent: n\n/).compactMap { Int($0.1) }
    }

    @Test func `A reader that breaks off and comes back with Last-Event-ID misses nothing and gets nothing twice`() async throws {
        try await TestServer.run { server async throws in
            _ = try await server.enqueue()
            let job = try await server.claim()
            try await emit(1...3, server, job)
            let first = try await Connection.open(port: server.port) { connection in
                try await connection.send("GET", "/v1/jobs/\(job.id)/events")
                return try await connection.inbox.read(until: "id: 2\nevent: n\ndata: ")
            }
            #expect(ids(first) == [1, 2])
            try await emit(4...6, server, job)
            let rest = try await Connection.open(port: server.port) { connection in
                try await connection.send("GET", "/v1/jobs/\(job.id)/events?after=0", headers: ["Last-Event-ID": "2", "Connection": "close"])
                let head = try await connection.inbox.read(until: "id: 6\nevent: n\n")
                try await emit(7...7, server, job)
                _ = try await server.post("/v1/leases/\(job.id)/settle", #"{"epoch":\#(job.epoch),"outcome":"succeeded","result":1}"#)
                return head + String(decoding: await connection.inbox.readToEnd(), as: UTF8.self)
            }
            #expect(ids(rest) == [3, 4, 5, 6, 7])
        }
    }

    @Test func `A job's stream tells its state when it changes and ends with the job`() async throws {
        try await TestServer.run { server async throws in
            let id = try await server.enqueue(#"{"kind":"test","payload":{"secret":1}}"#)
            let text = try await Connection.open(port: server.port) { connection in
                try await connection.send("GET", "/v1/jobs/\(id)/events", headers: ["Connection": "close"])
                let ready = try await connection.inbox.read(until: #""phase":"ready""#)
                #expect(ready.contains("text/event-stream") && ready.contains("event: state\n"))
                let job = try await server.claim()
                _ = try await connection.inbox.read(until: #""phase":"running""#)
                _ = try await server.post("/v1/leases/\(id)/settle", #"{"epoch":\#(job.epoch),"outcome":"succeeded"}"#)
                return String(decoding: await connection.inbox.readToEnd(), as: UTF8.self)
            }
            #expect(text.contains("event: end\ndata: {\"phase\":\"finished\",\"outcome\":\"succeeded\"}\n\n"))
            #expect(!text.contains("payload"))
        }
    }

    @Test func `A stream that is silent says that it is alive`() async throws {
        try await TestServer.run {
            $0.keepAlive = .milliseconds(20)
        } _: { server async throws in
            try await Connection.open(port: server.port) { connection in
                try await connection.send("GET", "/v1/streams/quiet", headers: ["Accept": "text/event-stream"])
                let text = try await connection.inbox.read(until: ": keep-alive\n\n")
                #expect(text.contains("text/event-stream"))
                #expect(try await server.post("/v1/events", #"{"stream":"quiet","type":"n","data":1}"#).status == 201)
                #expect(try await connection.inbox.read(until: "event: n\n").contains("id: 1\n"))
            }
        }
    }

    @Test func `Live readers are bounded, and one that leaves makes room`() async throws {
        try await TestServer.run {
            $0.streamsMax = 1
        } _: { server async throws in
            let accept = ["Accept": "text/event-stream"]
            try await Connection.open(port: server.port) { connection in
                try await connection.send("GET", "/v1/streams/s", headers: accept)
                _ = try await connection.inbox.read(until: "retry: ")
                let refused = try await server.get("/v1/streams/s", headers: accept)
                #expect(refused.status == 503 && refused.headers["retry-after"] != nil)
                #expect(try refused.problem == "too-many-streams")
            }
            var status = 503
            while status == 503 {
                status = try await Connection.open(port: server.port) { connection in
                    try await connection.send("GET", "/v1/streams/s", headers: accept)
                    let head = try await connection.inbox.read(until: "\r\n\r\n")
                    return head.contains(" 200 ") ? 200 : 503
                }
            }
            #expect(status == 200)
        }
    }

    @Test func `Live streams and waiting claims end at once when the server stops`() async throws {
        try await TestServer.run { server async throws in
            let clock = server.engine.environment.clock
            let took = try await Connection.open(port: server.port) { stream in
                try await stream.send("GET", "/v1/streams/s", headers: ["Accept": "text/event-stream"])
                _ = try await stream.inbox.read(until: "retry: ")
                return try await Connection.open(port: server.port) { claim in
                    try await claim.send("POST", "/v1/claim", body: Array(#"{"node":"w","kinds":["none"],"wait":60}"#.utf8))
                    while server.engine.hub.readers < 2 { await Task.yield() }
                    let start = clock.uptime()
                    await server.stop()
                    _ = await stream.inbox.readToEnd()
                    _ = await claim.inbox.readToEnd()
                    return clock.uptime() - start
                }
            }
            #expect(took < .seconds(4))
        }
    }

    @Test(arguments: ["after=-1", "after=x", "befor=1"])
    func `A place in a stream that is none is refused`(_ query: String) async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.get("/v1/streams/s?\(query)").status == 400)
            #expect(try await server.get("/v1/streams/s", headers: ["Last-Event-ID": "x"]).status == 400)
        }
    }
}
