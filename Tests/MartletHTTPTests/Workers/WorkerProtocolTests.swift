import Martlet
import MartletCore
import Testing

@Suite(.timeLimit(.minutes(1)))
struct WorkerProtocolTests {
    @Test func `A worker claims, renews, records, reports and settles a job`() async throws {
        try await TestServer.run { server async throws in
            let id = try await server.enqueue(#"{"kind":"test","payload":{"n":1}}"#)
            let reply = try await server.post("/v1/claim", #"{"node":"worker-1","kinds":["test"],"queues":["default"],"limit":10,"wait":1}"#)
            guard case .array(let jobs)? = try reply.json["jobs"], let job = jobs.first else {
                Issue.record("no job")
                return
            }
            #expect(jobs.count == 1 && job["id"]?.stringValue == id && job["payload"]?["n"] == 1 && job["steps"] == [])
            #expect(job["lease"]?.description == #"{"epoch":1,"expires_in":10}"#)
            let renewal = try await server.post("/v1/leases/\(id)/renew", #"{"epoch":1}"#)
            #expect(try renewal.json.description == #"{"state":"held","expires_in":10}"#)
            let nodes = try await server.memory.overview().nodes.map(\.id)
            #expect(Set(nodes).isSubset(of: [NodeID("server")]), "a single lease makes no node")
            let step = try await server.post("/v1/leases/\(id)/steps/a", #"{"epoch":1,"result":1}"#)
            #expect(try step.json["result"] == 1)
            #expect(try await server.post("/v1/leases/\(id)/steps/a", #"{"epoch":1,"result":2}"#).json["result"] == 1)
            let events = try await server.post(
                "/v1/leases/\(id)/events", #"{"epoch":1,"events":[{"type":"progress","data":{"fraction":0.5,"message":"half"}},{"type":"note"}]}"#)
            #expect(try events.json["results"]?.description.contains(#""seq":2"#) == true)
            #expect(try await server.get("/v1/jobs/\(id)").json["progress"]?.description == #"{"fraction":0.5,"message":"half"}"#)
            let settled = try await server.post(
                "/v1/leases/\(id)/settle",
                #"{"epoch":1,"outcome":"succeeded","result":{"ok":true},"events":[{"type":"done"}],"steps":[{"name":"b","result":3}]}"#)
            #expect(try settled.json.description == #"{"phase":"finished","outcome":"succeeded","duplicate":false}"#)
            let done = try await server.get("/v1/jobs/\(id)").json
            #expect(done["result"]?["ok"] == true && done["steps"]?.description.contains(#""name":"b""#) == true)
            #expect(try await server.get("/v1/streams/job/\(id)").json["last"] == 3)
        }
    }

    @Test func `S3-6, S3-8: Settling again changes nothing and says so; a stale epoch is 409 lease-lost everywhere`() async throws {
        try await TestServer.run { server async throws in
            _ = try await server.enqueue()
            let first = try await server.claim()
            let body = #"{"epoch":1,"outcome":"snoozed","delay":0}"#
            #expect(try await server.post("/v1/leases/\(first.id)/settle", body).json["duplicate"] == false)
            #expect(try await server.post("/v1/leases/\(first.id)/settle", body).json["duplicate"] == true)
            let second = try await server.claim()
            #expect(second.id == first.id && second.epoch == 2)
            for (path, body) in [
                ("renew", #"{"epoch":1}"#), ("steps/a", #"{"epoch":1,"result":1}"#), ("events", #"{"epoch":1,"events":[{"type":"n"}]}"#),
                ("settle", #"{"epoch":3,"outcome":"succeeded"}"#),
            ] {
                let reply = try await server.post("/v1/leases/\(first.id)/\(path)", body)
                #expect(reply.status == 409, "\(path)")
                #expect(try reply.problem == "lease-lost", "\(path)")
                #expect(try reply.json["job"]?.stringValue == first.id, "\(path)")
            }
            #expect(try await server.post("/v1/leases/\(first.id)/settle", #"{"epoch":2,"outcome":"succeeded"}"#).json["outcome"] == "succeeded")
        }
    }

    @Test func `A failure is tried again after what the worker says, or after the engine's backoff, or not at all`() async throws {
        try await TestServer.run { server async throws in
            _ = try await server.enqueue(#"{"kind":"test","payload":1,"max_attempts":9}"#)
            let (id, _) = try await server.claim()
            let error = #""error":{"kind":"http-500","message":"no answer"}"#
            let now = #"{"epoch":1,"outcome":"failed",\#(error),"retry_after":0}"#
            #expect(try await server.post("/v1/leases/\(id)/settle", now).json["phase"] == "ready")
            #expect(try await server.claim().epoch == 2)
            #expect(try await server.post("/v1/leases/\(id)/settle", #"{"epoch":2,"outcome":"failed",\#(error)}"#).json["phase"] == "ready")
            let job = try await server.get("/v1/jobs/\(id)").json
            #expect(job["error"]?.description == #"{"kind":"http-500","message":"no answer"}"# && job["attempt"] == 2)
            _ = try await server.memory.cancel(try #require(JobID(id)))
            _ = try await server.post("/v1/jobs/\(id)/revive")
            #expect(try await server.claim().epoch == 3)
            let last = try await server.post("/v1/leases/\(id)/settle", #"{"epoch":3,"outcome":"failed",\#(error),"retryable":false}"#)
            #expect(try last.json.description == #"{"phase":"finished","outcome":"failed","duplicate":false}"#)
        }
    }

    @Test func `Many settlements are answered each on its own`() async throws {
        try await TestServer.run { server async throws in
            for _ in 0..<2 { _ = try await server.enqueue() }
            let (a, b) = (try await server.claim(), try await server.claim())
            let body = """
                {"settlements":[{"job":"\(a.id)","epoch":1,"outcome":"succeeded"},{"job":"\(b.id)","epoch":7,"outcome":"succeeded"},
                {"job":"\(b.id)","epoch":1,"outcome":"done"},{"epoch":1,"outcome":"succeeded"},{"job":"\(b.id)","epoch":1,"outcome":"released"}]}
                """
            guard case .array(let results)? = try await server.post("/v1/settle", body).json["results"] else {
                Issue.record("no results")
                return
            }
            #expect(results.map { $0["status"]?.integerValue } == [200, 409, 400, 400, 200])
            #expect(results[0]["outcome"] == "succeeded" && results[1]["problem"]?["type"] == "lease-lost")
            #expect(results[2]["problem"]?["field"] == "outcome" && results[4]["phase"] == "ready")
        }
    }

    @Test func `An event that cannot be is refused by itself, and holds back no other`() async throws {
        try await TestServer.run { server async throws in
            _ = try await server.enqueue()
            let (id, _) = try await server.claim()
            let events = #"[{"type":"a"},{"data":1},{"type":"b\n"},{"type":"c"}]"#
            guard case .array(let results)? = try await server.post("/v1/leases/\(id)/events", #"{"epoch":1,"events":\#(events)}"#).json["results"]
            else {
                Issue.record("no results")
                return
            }
            #expect(results.map { $0["status"]?.integerValue } == [201, 400, 400, 201])
            #expect(results[1]["problem"]?["field"] == "events[1].type" && results[3]["seq"] == 2)
        }
    }

    @Test func `A claim that waits is answered as soon as there is work`() async throws {
        try await TestServer.run { server async throws in
            let clock = server.engine.environment.clock
            let start = clock.uptime()
            let reply = try await Connection.open(port: server.port) { connection in
                try await connection.send(
                    "POST", "/v1/claim", headers: ["Connection": "close"], body: Array(#"{"node":"w","kinds":["late"],"wait":50}"#.utf8))
                while server.engine.hub.readers < 1 { await Task.yield() }
                _ = try await server.enqueue(#"{"kind":"early","payload":1}"#)
                _ = try await server.enqueue(#"{"kind":"late","payload":2}"#)
                return try Reply(await connection.inbox.readToEnd())
            }
            #expect(try reply.json["jobs"]?.description.contains(#""kind":"late""#) == true)
            #expect(clock.uptime() - start < .seconds(20))
        }
    }

    @Test func `A worker that goes while it waits leaves no trace, and its connection is given back after a claim that waited`() async throws {
        try await TestServer.run { server async throws in
            let claim = Array(#"{"node":"w","kinds":["test"],"wait":50}"#.utf8)
            try await Connection.open(port: server.port) { connection in
                try await connection.send("POST", "/v1/claim", body: claim)
                while server.engine.hub.readers < 1 { await Task.yield() }
            }
            while server.engine.hub.readers > 0 { await Task.yield() }
            _ = try await server.enqueue()
            #expect(try await server.memory.overview().queues.first?.counts.ready == 1)
            try await Connection.open(port: server.port) { connection in
                for _ in 0..<2 {
                    try await connection.send("POST", "/v1/claim", body: Array(#"{"node":"w","kinds":["none"],"wait":0.02}"#.utf8))
                    #expect(try await connection.inbox.read(until: #"{"jobs":[]}"#).contains("200 OK"))
                }
            }
        }
    }

    @Test func `A claim that waited in vain is answered with no jobs`() async throws {
        try await TestServer.run { server async throws in
            let reply = try await server.post("/v1/claim", #"{"node":"w","kinds":["none"],"wait":0.05}"#)
            #expect(reply.status == 200)
            #expect(try reply.json.description == #"{"jobs":[]}"#)
        }
    }

    @Test func `A worker that knows its queues only gets every kind in them`() async throws {
        try await TestServer.run { server async throws in
            _ = try await server.enqueue(#"{"kind":"a","payload":1,"queue":"q"}"#)
            _ = try await server.enqueue(#"{"kind":"b","payload":1}"#)
            let reply = try await server.post("/v1/claim", #"{"node":"w","queues":["q"],"limit":10}"#)
            guard case .array(let jobs)? = try reply.json["jobs"] else {
                Issue.record("no jobs")
                return
            }
            #expect(jobs.map { $0["kind"] } == ["a"])
        }
    }

    @Test(arguments: [
        #"{"kinds":["a"]}"#, #"{"node":"w"}"#, #"{"node":"","kinds":["a"]}"#, #"{"node":"w","kinds":["a"],"wait":61}"#,
        #"{"node":"w","kinds":["a"],"limit":0}"#, #"{"node":"w","kinds":"a"}"#, #"{"node":"w","kinds":["a"],"ttl":5}"#, #"{"node":"w","kinds":[""]}"#,
    ])
    func `A claim that cannot be meant so is refused`(_ body: String) async throws {
        try await TestServer.run { server async throws in #expect(try await server.post("/v1/claim", body).status == 400) }
    }

    @Test(arguments: [
        #"{"outcome":"succeeded"}"#, #"{"epoch":1}"#, #"{"epoch":1,"outcome":"snoozed"}"#, #"{"epoch":1,"outcome":"failed"}"#,
        #"{"epoch":1,"outcome":"succeeded","error":{"kind":"a"}}"#, #"{"epoch":1,"outcome":"failed","error":{},"retryable":false,"retry_after":1}"#,
        #"{"epoch":1,"outcome":"snoozed","delay":-1}"#, #"{"epoch":1,"outcome":"succeeded","progress":{"fraction":2}}"#,
        #"{"epoch":0,"outcome":"succeeded"}"#,
    ])
    func `A settlement that cannot be meant so is refused, and the job goes on`(_ body: String) async throws {
        try await TestServer.run { server async throws in
            _ = try await server.enqueue()
            let (id, _) = try await server.claim()
            #expect(try await server.post("/v1/leases/\(id)/settle", body).status == 400)
            #expect(try await server.get("/v1/jobs/\(id)").json["phase"] == "running")
        }
    }
}
