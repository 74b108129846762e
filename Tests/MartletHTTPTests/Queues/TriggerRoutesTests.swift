import MartletCore
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TriggerRoutesTests {
    @Test func `A trigger is put, shown with its coming slots, replaced and deleted`() async throws {
        try await TestServer.run { server async throws in
            let body = #"{"cron":"0 3 * * *","zone":"Europe/Berlin","overlap":"queue","job":{"kind":"report","payload":{"a":1},"max_attempts":3}}"#
            let made = try await server.send("PUT", "/v1/triggers/nightly", body)
            #expect(made.status == 201)
            #expect(try made.json["cron"] == "0 3 * * *" && made.json["zone"] == "Europe/Berlin" && made.json["overlap"] == "queue")
            guard case .array(let slots)? = try made.json["next"] else {
                Issue.record("no slots")
                return
            }
            let times = slots.compactMap { $0.stringValue.flatMap { Timestamp(rfc3339: $0) } }
            #expect(times.count == 5 && times == times.sorted() && Set(times).count == 5)
            #expect(try await server.send("PUT", "/v1/triggers/nightly", body).status == 200)
            #expect(try await server.get("/v1/triggers/nightly").json["revision"] == 2)
            #expect(try await server.get("/v1/triggers").json["triggers"]?.description.contains("nightly") == true)
            #expect(try await server.send("DELETE", "/v1/triggers/nightly").status == 204)
            #expect(try await server.send("DELETE", "/v1/triggers/nightly").status == 204)
            #expect(try await server.get("/v1/triggers/nightly").status == 404)
        }
    }

    @Test(arguments: [
        (#"{"cron":"0 0 30 2 *","job":{"kind":"a"}}"#, "cron"),
        (#"{"cron":"99 * * * *","job":{"kind":"a"}}"#, "cron"),
        (#"{"cron":"whenever","job":{"kind":"a"}}"#, "cron"),
        (#"{"cron":"* * * * *","zone":"Mars/Olympus","job":{"kind":"a"}}"#, "zone"),
        (#"{"every":0.5,"job":{"kind":"a"}}"#, "every"),
        (#"{"every":60,"cron":"* * * * *","job":{"kind":"a"}}"#, "cron"),
        (#"{"every":60,"zone":"UTC","job":{"kind":"a"}}"#, "zone"),
        (#"{"every":60}"#, "job"),
        (#"{"every":60,"job":{"kind":""}}"#, "job.kind"),
        (#"{"every":60,"job":{"kind":"a","delay":1}}"#, "job.delay"),
        (#"{"every":60,"overlap":"pile","job":{"kind":"a"}}"#, "overlap"),
        (#"{"job":{"kind":"a"}}"#, "cron"),
    ])
    func `A trigger that cannot be is refused by its field`(_ body: String, _ field: String) async throws {
        try await TestServer.run { server async throws in
            let reply = try await server.send("PUT", "/v1/triggers/bad", body)
            #expect(reply.status == 400)
            #expect(try reply.json["field"]?.stringValue == field)
            #expect(try await server.memory.overview().triggers.isEmpty)
        }
    }

    @Test func `An event on a topic makes a job`() async throws {
        try await TestServer.run { server async throws in
            let body = #"{"topic":"orders","filter":{"type":"paid","fields":{"order.id":7}},"job":{"kind":"ship"}}"#
            #expect(try await server.send("PUT", "/v1/triggers/ship", body).status == 201)
            let events = #"[{"topic":"orders","type":"paid","data":{"order":{"id":8}}},{"stream":"orders","type":"paid","data":{"order":{"id":7}}}]"#
            let reply = try await server.post("/v1/events", events)
            #expect(try reply.json["results"]?.description == #"[{"status":201,"stream":"orders","seq":1},{"status":201,"stream":"orders","seq":2}]"#)
            guard case .array(let jobs)? = try await server.get("/v1/jobs?trigger=ship").json["jobs"] else {
                Issue.record("no jobs")
                return
            }
            #expect(jobs.count == 1 && jobs.first?["payload"]?["event"]?["seq"] == 2)
        }
    }
}
