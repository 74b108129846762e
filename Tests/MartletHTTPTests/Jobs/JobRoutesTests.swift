import MartletCore
import Testing

@Suite(.timeLimit(.minutes(1)))
struct JobRoutesTests {
    @Test func `Jobs are listed by filters, newest first, page after page`() async throws {
        try await TestServer.run { server async throws in
            for number in 0..<5 {
                _ = try await server.enqueue(#"{"kind":"a","payload":\#(number),"labels":{"n":"\#(number % 2)","x:y":"z"}}"#)
            }
            _ = try await server.enqueue(#"{"kind":"b","payload":9,"queue":"other","tenant":"t","key":"k"}"#)
            var (seen, cursor): ([Int?], String?) = ([], nil)
            repeat {
                let page = try await server.get("/v1/jobs?kind=a&limit=2" + (cursor.map { "&cursor=\($0)" } ?? "")).json
                guard case .array(let jobs)? = page["jobs"] else { break }
                seen += jobs.map { $0["payload"]?.integerValue }
                cursor = page["next_cursor"]?.stringValue
            } while cursor != nil
            #expect(seen.count == 5 && Set(seen) == [0, 1, 2, 3, 4])
            for (query, count) in [
                ("label=n:1", 2), ("label=n:1&kind=b", 0), ("queue=other", 1), ("tenant=t", 1), ("tenant=", 5), ("key=k", 1), ("phase=ready", 6),
                ("outcome=failed", 0), ("limit=500", 6), ("trigger=none", 0),
            ] {
                guard case .array(let jobs)? = try await server.get("/v1/jobs?\(query)").json["jobs"] else { continue }
                #expect(jobs.count == count, "\(query)")
            }
        }
    }

    @Test(arguments: ["phse=ready", "phase=asleep", "limit=0", "limit=x", "cursor=7", "label=n", "label=n:1&label=n:2", "kind=a&kind=b", "kind=%GG"])
    func `A query that cannot be meant so is refused`(_ query: String) async throws {
        try await TestServer.run { server async throws in
            let reply = try await server.get("/v1/jobs?\(query)")
            #expect(reply.status == 400)
            #expect(try reply.json["field"] != nil)
        }
    }

    @Test func `A job is shown with its steps; one that is not there is 404, an id that is none 400`() async throws {
        try await TestServer.run { server async throws in
            _ = try await server.enqueue()
            let (id, epoch) = try await server.claim()
            _ = try await server.post("/v1/leases/\(id)/steps/charge", #"{"epoch":\#(epoch),"result":{"paid":true}}"#)
            let job = try await server.get("/v1/jobs/\(id)").json
            #expect(job["phase"] == "running" && job["node"] == "worker" && job["attempt"] == 1)
            #expect(job["steps"]?.description.contains(#"{"name":"charge","state":"done","result":{"paid":true}"#) == true)
            let missing = try await server.get("/v1/jobs/00000000-0000-0000-0000-000000000000")
            #expect(missing.status == 404)
            #expect(try missing.problem == "not-found")
            #expect(try await server.get("/v1/jobs/seven").status == 400)
        }
    }

    @Test func `A job is cancelled and revived; out of its phase both are refused`() async throws {
        try await TestServer.run { server async throws in
            let id = try await server.enqueue()
            #expect(try await server.post("/v1/jobs/\(id)/revive").status == 409)
            let cancelled = try await server.post("/v1/jobs/\(id)/cancel")
            #expect(try cancelled.json["phase"] == "finished" && cancelled.json["outcome"] == "cancelled")
            let again = try await server.post("/v1/jobs/\(id)/cancel", "{}")
            #expect(again.status == 409)
            #expect(try again.problem == "wrong-phase" && again.json["phase"] == "finished")
            #expect(try await server.post("/v1/jobs/\(id)/revive").json["phase"] == "ready")
            #expect(try await server.post("/v1/jobs/\(id)/cancel", #"{"why":"so"}"#).status == 400)
        }
    }

    @Test func `A running job is asked to stop, and its worker hears of it`() async throws {
        try await TestServer.run { server async throws in
            _ = try await server.enqueue()
            let (id, epoch) = try await server.claim()
            #expect(try await server.post("/v1/jobs/\(id)/cancel").json["cancel_requested"] == true)
            #expect(try await server.post("/v1/leases/\(id)/renew", #"{"epoch":\#(epoch)}"#).json["state"] == "cancel_requested")
            let settled = try await server.post("/v1/leases/\(id)/settle", #"{"epoch":\#(epoch),"outcome":"cancelled","reason":"asked"}"#)
            #expect(try settled.json["outcome"] == "cancelled")
        }
    }

    @Test func `A signal stands in the job's stream; a finished job takes none`() async throws {
        try await TestServer.run { server async throws in
            let id = try await server.enqueue()
            let reply = try await server.post("/v1/jobs/\(id)/signal", #"{"name":"approved","data":{"by":"ann"}}"#)
            #expect(reply.status == 200)
            #expect(try reply.json["seq"] == 1)
            let event = try await server.get("/v1/streams/job/\(id)").json["events"]?.description
            #expect(event?.contains(#""type":"signal.approved","data":{"by":"ann"}"#) == true)
            #expect(try await server.post("/v1/jobs/\(id)/signal", #"{"data":1}"#).status == 400)
            _ = try await server.post("/v1/jobs/\(id)/cancel")
            #expect(try await server.post("/v1/jobs/\(id)/signal", #"{"name":"approved"}"#).status == 409)
        }
    }
}
