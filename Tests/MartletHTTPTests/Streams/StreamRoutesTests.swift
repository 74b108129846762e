import MartletCore
import MartletHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct StreamRoutesTests {
    @Test func `A stream is read in pages; its name may hold slashes`() async throws {
        try await TestServer.run { server async throws in
            for number in 1...3 {
                let reply = try await server.post("/v1/events", #"{"stream":"a/b/c","type":"n","data":\#(number)}"#)
                #expect(reply.status == 201)
                #expect(try reply.json.description == #"{"stream":"a/b/c","seq":\#(number)}"#)
            }
            let page = try await server.get("/v1/streams/a/b/c?after=1&limit=1").json
            #expect(page["events"]?.description.contains(#""seq":2"#) == true)
            #expect(page["last"] == 3 && page["first"] == 1)
            #expect(try await server.get("/v1/streams/a%2Fb%2Fc?after=2").json["events"]?.description.contains(#""data":3"#) == true)
            #expect(try await server.get("/v1/streams/nobody").json["last"] == 0)
        }
    }

    @Test func `Streams of the engine and of jobs are not written to from outside`() async throws {
        try await TestServer.run { server async throws in
            for stream in ["audit", "job/00000000-0000-0000-0000-000000000000", "queue/default"] {
                #expect(try await server.post("/v1/events", #"{"stream":"\#(stream)","type":"n"}"#).status == 400)
            }
            let mixed = try await server.post("/v1/events", #"[{"stream":"audit","type":"n"},{"stream":"s","type":"n"},{"stream":"s"}]"#)
            #expect(try mixed.json["results"]?.description.contains(#"{"status":201,"stream":"s","seq":1}"#) == true)
            #expect(try await server.post("/v1/events", #"{"stream":"s","topic":"s","type":"n"}"#).status == 400)
        }
    }

    @Test func `A webhook of a known source becomes an event with its body and the headers that matter`() async throws {
        try await TestServer.run {
            $0.hooks["github"] = HookSource()
        } _: { server async throws in
            let headers = ["X-GitHub-Event": "push", "Authorization": "Bearer secret", "Content-Type": "application/json"]
            let reply = try await server.post("/hooks/github", #"{"ref":"main"}"#, headers: headers)
            #expect(reply.status == 202)
            let event = try await server.get("/v1/streams/hooks/github").json["events"]?.description ?? ""
            #expect(event.contains(#""body":{"ref":"main"}"#) && event.contains(#""x-github-event":"push""#))
            #expect(!event.contains("secret"))
            #expect(try await server.post("/hooks/github", "{", headers: ["Content-Type": "application/json"]).status == 400)
            #expect(try await server.post("/hooks/github", "plain", headers: ["Content-Type": "text/plain"]).status == 202)
            #expect(try await server.post("/hooks/gitlab", "{}").status == 404)
        }
    }
}
