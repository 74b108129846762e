import MartletCore
import MartletHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EnqueueTests {
    @Test func `A job is answered with 201, its place and all its fields in their order`() async throws {
        try await TestServer.run { server async throws in
            let reply = try await server.post(
                "/v1/jobs",
                #"{"kind":"mail","payload":{"n":12345678901234567890},"queue":"q","tenant":"t","priority":1,"key":"k","labels":{"b":"2","a":"1"},"#
                    + #""delay":"PT5S","timeout":60,"queue_timeout":1.5,"max_attempts":3}"#
            )
            #expect(reply.status == 201)
            let job = try reply.json
            #expect(reply.headers["location"] == "/v1/jobs/\(job["id"]?.stringValue ?? "")")
            guard case .object(let members) = job else {
                Issue.record("not an object")
                return
            }
            #expect(
                members.map(\.name) == [
                    "id", "kind", "queue", "tenant", "priority", "phase", "outcome", "payload", "key", "labels", "attempt", "max_attempts", "due_at",
                    "created_at", "started_at", "finished_at", "epoch", "node", "progress", "result", "error", "timeout", "queue_timeout", "trigger",
                    "parent", "cancel_requested", "waiting_for",
                ])
            #expect(job["payload"]?.description == #"{"n":12345678901234567890}"#)
            #expect(job["labels"]?.description == #"{"a":"1","b":"2"}"#)
            #expect(job["phase"] == "ready" && job["outcome"] == .null && job["priority"] == 1 && job["timeout"] == 60)
            #expect(job["queue_timeout"] == .number("1.5"))
            let created = try #require(job["created_at"]?.stringValue.flatMap { Timestamp(rfc3339: $0) })
            let due = try #require(job["due_at"]?.stringValue.flatMap { Timestamp(rfc3339: $0) })
            #expect(due - created == .seconds(5))
        }
    }

    @Test func `The same key answers 200 with the job that has it, marked a duplicate`() async throws {
        try await TestServer.run { server async throws in
            let first = try await server.post("/v1/jobs", #"{"kind":"a","payload":1,"key":"k"}"#)
            let second = try await server.post("/v1/jobs", #"{"kind":"a","payload":2,"key":"k"}"#)
            #expect(second.status == 200)
            #expect(try second.json["duplicate"] == true && second.json["replaced"] == false)
            #expect(try second.json["id"] == first.json["id"])
            let third = try await server.post("/v1/jobs", #"{"kind":"a","payload":3,"key":"k","on_conflict":"replace"}"#)
            #expect(try third.json["replaced"] == true && third.json["payload"] == 3)
        }
    }

    @Test func `A key that is taken is refused where the request says so, naming the job that has it`() async throws {
        try await TestServer.run { server async throws in
            let first = try await server.enqueue(#"{"kind":"a","payload":1,"key":"k","key_scope":"forever"}"#)
            let reply = try await server.post("/v1/jobs", #"{"kind":"a","payload":2,"key":"k","on_conflict":"reject"}"#)
            #expect(reply.status == 409)
            #expect(try reply.problem == "key-taken" && reply.json["job"]?.stringValue == first)
        }
    }

    @Test func `An id that belongs to a different job is refused`() async throws {
        try await TestServer.run { server async throws in
            let id = try await server.enqueue()
            let reply = try await server.post("/v1/jobs", #"{"kind":"other","payload":{},"id":"\#(id)"}"#)
            #expect(reply.status == 409)
            #expect(try reply.problem == "id-taken")
        }
    }

    @Test func `A job of a kind nobody knows is accepted, waits and is shown`() async throws {
        try await TestServer.run { server async throws in
            let id = try await server.enqueue(#"{"kind":"nobody","payload":null}"#)
            #expect(try await server.get("/v1/jobs/\(id)").json["phase"] == "ready")
            let overview = try await server.get("/v1/overview").json
            #expect(overview["kinds"]?.description.contains(#"{"name":"nobody","handled_here":false,"counts":{"ready":1"#) == true)
        }
    }

    @Test func `Values that a job cannot have are refused by their field`() async throws {
        let cases: [(body: String, problem: String, field: String)] = [
            (#"{"kind":"a","payload":1,"que":"q"}"#, "unknown-field", "que"),
            (#"{"payload":1}"#, "invalid-field", "kind"),
            (#"{"kind":"a"}"#, "invalid-field", "payload"),
            (#"{"kind":"","payload":1}"#, "invalid-field", "kind"),
            (#"{"kind":"a","payload":1,"due_at":"2026-01-02T03:04:05"}"#, "invalid-field", "due_at"),
            (#"{"kind":"a","payload":1,"due_at":"soon"}"#, "invalid-field", "due_at"),
            (#"{"kind":"a","payload":1,"delay":-1}"#, "invalid-field", "delay"),
            (#"{"kind":"a","payload":1,"delay":"-PT1S"}"#, "invalid-field", "delay"),
            (#"{"kind":"a","payload":1,"delay":"a while"}"#, "invalid-field", "delay"),
            (#"{"kind":"a","payload":1,"delay":1e12}"#, "invalid-field", "delay"),
            (#"{"kind":"a","payload":1,"delay":1,"due_at":"2026-01-02T03:04:05Z"}"#, "invalid-field", "due_at"),
            (#"{"kind":"a","payload":1,"timeout":0}"#, "invalid-field", "timeout"),
            (#"{"kind":"a","payload":1,"priority":4}"#, "invalid-field", "priority"),
            (#"{"kind":"a","payload":1,"max_attempts":0}"#, "invalid-field", "max_attempts"),
            (#"{"kind":"a","payload":1,"on_conflict":"reject"}"#, "invalid-field", "on_conflict"),
            (#"{"kind":"a","payload":1,"key":"k","on_conflict":"fight"}"#, "invalid-field", "on_conflict"),
            (#"{"kind":"a","payload":1,"key":"k","key_scope":"week"}"#, "invalid-field", "key_scope"),
            (#"{"kind":"a","payload":1,"key":"k","key_scope":{"window":60,"of":1}}"#, "unknown-field", "key_scope.of"),
            (#"{"kind":"a","payload":1,"labels":{"a":1}}"#, "invalid-field", "labels"),
            (#"{"kind":"a","payload":1,"id":"7"}"#, "invalid-field", "id"),
            (#"[]"#, "invalid-field", "the body"),
        ]
        try await TestServer.run { server async throws in
            for (body, problem, field) in cases {
                let reply = try await server.post("/v1/jobs", body)
                #expect(reply.status == 400, "\(body)")
                #expect(try reply.problem == problem, "\(body)")
                #expect(try reply.json["field"]?.stringValue == field, "\(body)")
                #expect(try reply.json["detail"]?.stringValue?.isEmpty == false)
            }
            #expect(try await server.memory.overview().queues.isEmpty)
        }
    }

    @Test func `The problem about an unknown field names the allowed ones`() async throws {
        try await TestServer.run { server async throws in
            let problem = try await server.post("/v1/jobs", #"{"kind":"a","payload":1,"que":"q"}"#).json
            #expect(problem["status"] == 400 && problem["title"]?.stringValue?.isEmpty == false)
            #expect(problem["allowed"]?.description.contains(#""queue""#) == true)
            #expect(problem["detail"]?.stringValue?.contains("queue") == true)
        }
    }

    @Test(arguments: [#"{"kind":"a","payload":}"#, "", "{", #"{"kind":"a","kind":"b","payload":1}"#])
    func `A body that is not JSON is refused with the byte where it ends to be`(_ body: String) async throws {
        try await TestServer.run { server async throws in
            let reply = try await server.post("/v1/jobs", body)
            #expect(reply.status == 400)
            #expect(try reply.problem == "malformed-json" && reply.json["offset"]?.integerValue != nil)
        }
    }

    @Test func `A payload over its limit is refused with 413, whether the body's bound or the payload's is broken`() async throws {
        try await TestServer.run { server async throws in
            let twoMiB = #"{"kind":"a","payload":""# + String(repeating: "x", count: 2 << 20) + #""}"#
            let body = try await server.post("/v1/jobs", twoMiB)
            #expect(body.status == 413)
            #expect(try body.problem == "payload-too-large" && body.json["bytes_max"] == 2_097_152)
            let overOne = #"{"kind":"a","payload":""# + String(repeating: "x", count: 1 << 20) + #""}"#
            let payload = try await server.post("/v1/jobs", overOne)
            #expect(payload.status == 413)
            #expect(try payload.json["field"] == "payload" && payload.json["bytes_max"] == 1_048_576)
        }
    }

    @Test func `Another content type is refused, a missing one is taken for JSON`() async throws {
        try await TestServer.run { server async throws in
            let text = try await server.post("/v1/jobs", #"{"kind":"a","payload":1}"#, headers: ["Content-Type": "text/plain"])
            #expect(text.status == 415)
            #expect(try text.problem == "unsupported-media-type")
            let json = try await server.post(
                "/v1/jobs", #"{"kind":"a","payload":1}"#, headers: ["Content-Type": "Application/JSON; charset=utf-8"])
            #expect(json.status == 201)
            #expect(try await server.post("/v1/jobs", #"{"kind":"a","payload":1}"#).status == 201)
        }
    }

    @Test func `A full queue answers 429 and says when to come back`() async throws {
        try await TestServer.run { server async throws in
            _ = try await server.send("PATCH", "/v1/queues/default", #"{"high_water":2,"low_water":1}"#)
            for _ in 0..<2 { #expect(try await server.post("/v1/jobs", #"{"kind":"a","payload":1}"#).status == 201) }
            let reply = try await server.post("/v1/jobs", #"{"kind":"a","payload":1}"#)
            #expect(reply.status == 429)
            #expect(try reply.problem == "queue-full" && reply.json["queue"] == "default")
            #expect(reply.headers["retry-after"].flatMap { Int($0) } ?? 0 >= 1)
        }
    }

    @Test func `What a request does not say comes from the defaults of its kind`() async throws {
        try await TestServer.run { configuration in
            configuration.kindDefaults["thumbnail"] = KindDefaults(queue: "media", timeout: .seconds(9), maxAttempts: 5)
        } _: { server async throws in
            let job = try await server.post("/v1/jobs", #"{"kind":"thumbnail","payload":1,"max_attempts":2}"#).json
            #expect(job["queue"] == "media" && job["timeout"] == 9 && job["max_attempts"] == 2)
        }
    }

    @Test func `A store that cannot be reached answers 503 and says when to come back`() async throws {
        try await TestServer.run(through: { _ in UnreachableStore() }) { server async throws in
            let reply = try await server.post("/v1/jobs", #"{"kind":"a","payload":1}"#)
            #expect(reply.status == 503 && reply.headers["retry-after"] == "1")
            #expect(try reply.problem == "store-unavailable" && reply.json["may_have_happened"] == false)
            #expect(try await server.get("/readyz").status == 503)
            #expect(try await server.get("/healthz").status == 200)
        }
    }
}
