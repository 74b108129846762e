import MartletCore
import Testing

@Suite(.timeLimit(.minutes(1)))
struct QueueRoutesTests {
    @Test func `A policy is changed field by field, and null takes a field away`() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.get("/v1/queues/media").status == 404)
            let made = try await server.send(
                "PATCH", "/v1/queues/media", #"{"concurrency":4,"rate":{"count":100,"per":"PT1M"},"per_tenant":2,"retention":3600}"#)
            #expect(made.status == 200)
            #expect(try made.json["rate"]?.description == #"{"count":100,"per":60,"burst":100}"#)
            let changed = try await server.send("PATCH", "/v1/queues/media", #"{"rate":null,"high_water":10,"low_water":5}"#)
            let queue = try changed.json
            #expect(queue["rate"] == .null && queue["concurrency"] == 4 && queue["low_water"] == 5 && queue["retention"] == 3600)
            #expect(try await server.get("/v1/queues/media").json == queue)
            #expect(try await server.get("/v1/queues").json["queues"] == .array([queue]))
        }
    }

    @Test(arguments: [
        #"{"concurrency":0}"#, #"{"low_water":5}"#, #"{"rate":{"count":1}}"#, #"{"rate":{"count":1,"per":0}}"#, #"{"paused":true}"#,
        #"{"rate":{"count":1,"per":1,"burst":2}}"#,
    ])
    func `A policy that no queue can have is refused`(_ body: String) async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.send("PATCH", "/v1/queues/media", body).status == 400)
            #expect(try await server.get("/v1/queues/media").status == 404)
        }
    }

    @Test func `A paused queue hands out nothing until it is resumed; its name may hold a slash`() async throws {
        try await TestServer.run { server async throws in
            _ = try await server.enqueue(#"{"kind":"test","payload":1,"queue":"a/b c"}"#)
            #expect(try await server.post("/v1/queues/a%2Fb%20c/pause").json["paused"] == true)
            #expect(try await server.claim().id == "")
            #expect(try await server.post("/v1/queues/a%2Fb%20c/resume").json["paused"] == false)
            #expect(try await server.claim().id != "")
        }
    }
}
