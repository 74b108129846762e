import HTTPTypes
import Martlet
import MartletCore
import Testing

@testable import MartletHTTP

@Suite struct ActionTests {
    private func job(_ site: Site, _ id: JobID) async throws -> JobRecord { try #require(try await site.store.job(id)).job }

    @Test func `cancel finishes a job that is not running and asks one that is`() async throws {
        let site = try Site()
        let jobs = try await site.populate()
        let (ready, running) = (try #require(jobs["ready"]), try #require(jobs["running"]))
        let first = try await site.post("/jobs/\(ready)/cancel")
        #expect(first.status == 303)
        #expect(first.headers[.location] == "/jobs/\(ready)?notice=cancelled")
        #expect(try await job(site, ready).outcome == .cancelled)
        #expect(try await site.post("/jobs/\(running)/cancel").headers[.location] == "/jobs/\(running)?notice=stopping")
        #expect(try await job(site, running).isCancelRequested)
        #expect(try await site.get("/jobs/\(ready)?notice=cancelled").html.contains("role=\"status\">The job is cancelled."))
        #expect(try await !site.get("/jobs/\(ready)?notice=owned").html.contains("class=\"notice\""))
    }

    @Test func `revive makes a finished job ready, and says where it cannot`() async throws {
        let site = try Site()
        let jobs = try await site.populate()
        let (failed, running) = (try #require(jobs["failed"]), try #require(jobs["running"]))
        #expect(try await site.post("/jobs/\(failed)/revive").status == 303)
        #expect(try await job(site, failed).phase == .ready)
        let refused = try await site.post("/jobs/\(running)/revive")
        #expect(refused.status == 409)
        #expect(refused.html.contains("href=\"/jobs/\(running)\">Go back</a>"))
    }

    @Test func `a signal releases the job that waits for it`() async throws {
        let site = try Site()
        let id = try #require(try await site.populate()["signal"])
        let wrong = try await site.post("/jobs/\(id)/signal", "name=approved&data=%7Bbroken")
        #expect(wrong.status == 400)
        #expect(try await job(site, id).phase == .waiting)
        #expect(try await site.post("/jobs/\(id)/signal", "name=approved&data=%7B%22by%22%3A+%22Ann%22%7D").status == 303)
        #expect(try await job(site, id).phase == .ready)
        let step = try #require(try await site.store.job(id)?.steps.last)
        guard case .event(let event) = WaitResult(step.result) else {
            Issue.record("the wait ended by something else")
            return
        }
        #expect(event.data.json["by"]?.stringValue == "Ann")
    }

    @Test func `pause and resume lead back to where the button was`() async throws {
        let site = try Site()
        try await site.add(queue: "a b")
        #expect(try await site.post("/queues/a%20b/pause", "back=%2F").headers[.location] == "/?notice=paused")
        #expect(try await site.store.overview().queues[0].isPaused)
        #expect(try await site.post("/queues/a%20b/resume").headers[.location] == "/queues/a%20b?notice=resumed")
        #expect(try await !site.store.overview().queues[0].isPaused)
        // Nobody is sent elsewhere.
        #expect(try await site.post("/queues/a%20b/pause", "back=%2F%2Fexample.org").headers[.location] == "/queues/a%20b?notice=paused")
    }

    @Test func `a policy is saved whole, or not at all`() async throws {
        let site = try Site()
        try await site.add(queue: "q")
        let form = "concurrency=4&per_tenant=&rate_count=100&rate_per=60&rate_burst=10&high_water=5000&low_water=3000&retention=86400"
        #expect(try await site.post("/queues/q/policy", form).headers[.location] == "/queues/q?notice=saved")
        var policy = QueuePolicy()
        policy.concurrency = 4
        policy.rate = Rate(count: 100, per: .seconds(60), burst: 10)
        policy.highWater = 5000
        policy.lowWater = 3000
        policy.retention = .seconds(86_400)
        #expect(try await site.store.overview().queues[0].policy == policy)
        let changes = [
            "concurrency=0&retention=1", "concurrency=many&retention=1", "rate_count=5&retention=1", "low_water=5&retention=1", "retention=",
            "retention=1e99", "retention=-1", "rate_count=5&rate_per=nan&retention=1",
        ]
        for change in changes {
            let refused = try await site.post("/queues/q/policy", change)
            #expect(refused.status == 400, "\(change)")
            #expect(refused.html.contains("Nothing was saved."), "\(change)")
        }
        #expect(try await site.post("/queues/q/policy", "concurrency=many&retention=1").html.contains("name=\"concurrency\" value=\"many\""))
        #expect(try await site.store.overview().queues[0].policy == policy)
    }

    @Test func `a trigger's pause keeps the rest of it`() async throws {
        let site = try Site()
        let trigger = Trigger(.every(.seconds(60), offset: .seconds(5)), overlap: .queue, missed: .all, job: JobTemplate(kind: "k"))
        _ = try await site.store.put(trigger, named: "t/1")
        #expect(try await site.post("/triggers/t%2F1/pause").headers[.location] == "/triggers?notice=paused")
        var paused = trigger
        paused.isPaused = true
        #expect(try await site.store.overview().triggers[0].trigger == paused)
        #expect(try await site.get("/triggers").html.contains("action=\"/triggers/t%2F1/resume\""))
        #expect(try await site.post("/triggers/t%2F1/resume").status == 303)
        #expect(try await site.store.overview().triggers[0].trigger == trigger)
        #expect(try await site.post("/triggers/none/pause").status == 404)
    }

    private static let foreign: [HTTPFields] = [
        [:], [.origin: "https://example.org"], [.origin: "null"], [.origin: "http://127.0.0.1:8081"], [.origin: "http://127.0.0.1"],
        [.fetchSite: "cross-site"], [.fetchSite: "same-site"], [.fetchSite: "none"], [.fetchSite: "cross-site", .origin: "http://127.0.0.1:8080"],
    ]

    @Test(arguments: ["cancel", "revive", "signal"])
    func `a form of another site does nothing to a job`(action: String) async throws {
        let site = try Site()
        let jobs = try await site.populate()
        let id = try #require(jobs[action == "cancel" ? "ready" : action == "revive" ? "failed" : "signal"])
        let before = try await job(site, id)
        for headers in Self.foreign {
            #expect(try await site.post("/jobs/\(id)/\(action)", "name=approved", headers: headers).status == 403, "\(headers)")
        }
        #expect(try await job(site, id) == before)
    }

    @Test func `a form of another site does nothing to queues and triggers`() async throws {
        let site = try Site()
        try await site.add(queue: "q")
        _ = try await site.store.put(Trigger(.every(.seconds(60), offset: .zero), job: JobTemplate(kind: "k")), named: "t")
        let before = try await site.store.overview()
        for headers in Self.foreign {
            for path in ["/queues/q/pause", "/queues/q/resume", "/queues/q/policy", "/triggers/t/pause", "/triggers/t/resume"] {
                #expect(try await site.post(path, "concurrency=1&retention=1", headers: headers).status == 403, "\(path) \(headers)")
            }
        }
        #expect(try await site.store.overview() == before)
    }

    @Test func `an origin without fetch metadata is enough`() async throws {
        let site = try Site()
        let id = try await site.add()
        #expect(try await site.post("/jobs/\(id)/cancel", headers: [.origin: "http://127.0.0.1:8080"]).status == 303)
    }

    @Test func `a form that is too large is refused`() async throws {
        let site = try Site()
        try await site.add(queue: "q")
        #expect(try await site.post("/queues/q/policy", String(repeating: "a", count: 70_000)).status == 413)
    }
}
