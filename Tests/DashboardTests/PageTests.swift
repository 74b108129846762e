import HTTPTypes
import HummingbirdCore
import Martlet
import MartletCore
import Testing

@testable import MartletHTTP

@Suite struct PageTests {
    @Test func `an empty engine shows what to do next on every page`() async throws {
        let site = try Site()
        for path in ["/", "/jobs"] {
            let page = try await site.get(path)
            #expect(page.status == 200)
            #expect(page.html.contains("curl http://127.0.0.1:8080/v1/jobs"), "\(path)")
        }
        #expect(try await site.get("/triggers").html.contains("curl -X PUT http://127.0.0.1:8080/v1/triggers/morning"))
    }

    @Test func `the overview shows queues with their counts, nodes, kinds and what waits for a worker`() async throws {
        let site = try Site()
        _ = try await site.populate()
        var policy = QueuePolicy()
        policy.concurrency = 4
        policy.rate = Rate(count: 100, per: .seconds(60))
        _ = try await site.store.set("busy", .policy(policy))
        _ = try await site.store.set("calm", .paused(true))
        let html = try await site.get("/").html
        #expect(html.contains("Waiting for a worker that knows kind <bdi class=\"kind\">unheard-of</bdi>."))
        #expect(!html.contains("knows kind <bdi class=\"kind\">thumbnail"))
        #expect(html.contains("1<span class=\"soft\"> / 4</span>"))
        #expect(html.contains("100 / min"))
        #expect(html.contains("action=\"/queues/calm/resume\""))
        #expect(html.contains("action=\"/queues/busy/pause\""))
        #expect(html.contains("<bdi>host</bdi> <span class=\"soft\">pid 4711</span>"))
        #expect(html.contains("data-key=\"done\" data-finished=\"1\""))
        #expect(html.contains("data-total=\"3\""))
    }

    @Test func `a kind that somebody runs elsewhere is not called unknown`() async throws {
        let site = try Site(kinds: [])
        try await site.add("elsewhere", queue: "a")
        _ = try await site.claim("a")
        try await site.add("elsewhere", queue: "a")
        #expect(try await !site.get("/").html.contains("Waiting for a worker"))
    }

    @Test(arguments: ["ready", "scheduled", "running", "stopping", "retrying", "succeeded", "failed", "cancelled"])
    func `a job's page and its row say where it stands`(word: String) async throws {
        let site = try Site()
        let jobs = try await site.populate()
        let id = try #require(jobs[word])
        let page = try await site.get("/jobs/\(id)")
        #expect(page.status == 200)
        #expect(page.html.contains("<span class=\"chip is-\(word == "retrying" ? "scheduled" : word)\">\(word)</span>"))
        #expect(page.html.contains(id.description))
        let list = try await site.get("/jobs").html
        let row = try #require(list.split(separator: "<tr data-key=").first { $0.hasPrefix("\"\(id)\"") })
        #expect(row.contains(">\(word)</span>"))
    }

    @Test func `only buttons that can do something are shown`() async throws {
        let site = try Site()
        let jobs = try await site.populate()
        for (word, canCancel, canRevive) in [("ready", true, false), ("running", true, false), ("stopping", false, false), ("failed", false, true)] {
            let html = try await site.get("/jobs/\(try #require(jobs[word]))").html
            #expect(html.contains("/cancel\"") == canCancel, "\(word)")
            #expect(html.contains("/revive\"") == canRevive, "\(word)")
        }
    }

    @Test func `a running job shows its progress and the end of its stream`() async throws {
        let site = try Site()
        let id = try #require(try await site.populate()["running"])
        let html = try await site.get("/jobs/\(id)").html
        #expect(html.contains("<progress max=\"1\" value=\"0.42\""))
        #expect(html.contains("<bdi>frame 42</bdi>"))
        #expect(html.contains("<bdi>first line</bdi>"))
        #expect(html.contains("<bdi>careful</bdi>"))
        #expect(html.contains("data-after=\"3\""))
        #expect(html.contains("data-live=\"3\""))
        #expect(html.contains("data-href=\"/v1/jobs/\(id)/events\""))
    }

    @Test func `a finished job is not asked for again`() async throws {
        let site = try Site()
        let id = try #require(try await site.populate()["succeeded"])
        let html = try await site.get("/jobs/\(id)").html
        #expect(!html.contains("data-live="))
        #expect(html.contains("&quot;size&quot;: 123"))
        #expect(html.contains("<strong><bdi>probe</bdi></strong>"))
        #expect(html.contains("<dt>Took</dt><dd><bdi>1.5 s</bdi></dd>"))
    }

    @Test func `a job that waits says for what, and takes the signal`() async throws {
        let site = try Site()
        let jobs = try await site.populate()
        let signal = try await site.get("/jobs/\(try #require(jobs["signal"]))").html
        #expect(signal.contains("the signal &#39;approved&#39;"))
        #expect(signal.contains("name=\"name\" value=\"approved\""))
        let event = try await site.get("/jobs/\(try #require(jobs["event"]))").html
        #expect(event.contains("an event &#39;paid&#39; in the stream &#39;orders&#39;"))
        #expect(!event.contains("Send signal"))
        let parent = try await site.get("/jobs/\(try #require(jobs["parent"]))").html
        #expect(parent.contains("its children of the group &#39;all&#39;"))
        #expect(parent.contains("<caption class=\"hidden\">Children, newest first</caption>"))
    }

    @Test func `failed attempts are listed with what was done about them`() async throws {
        let site = try Site()
        let id = try await site.add()
        try await site.say(id, "attempt.failed", ["attempt": 1, "kind": "exit-1", "message": "once", "retry_after": .real(2.5)])
        try await site.say(id, "attempt.failed", ["attempt": 2, "kind": "timeout", "message": "twice", "retry_after": nil])
        let html = try await site.get("/jobs/\(id)").html
        #expect(html.contains("<strong><bdi>exit-1</bdi></strong> <bdi>once</bdi>"))
        #expect(html.contains("after 2.5 s"))
        #expect(html.contains("<td data-label=\"Tried again\">no</td>"))
        #expect(html.contains("attempt 1: exit-1: once · again in 2.5 s"))
    }

    @Test func `a long stream is shown by its end`() async throws {
        let site = try Site()
        let id = try await site.add()
        for number in 1...500 { try await site.say(id, "output", ["line": .string("line \(number)")]) }
        let html = try await site.get("/jobs/\(id)").html
        #expect(html.contains("<bdi>line 500</bdi>"))
        #expect(!html.contains("<bdi>line 300</bdi>"))
        #expect(html.contains("The last 200 of 500 events."))
        #expect(html.contains("data-after=\"500\""))
    }

    @Test func `the list goes on from where a page ended, with its filters`() async throws {
        let site = try Site()
        for _ in 0..<60 { try await site.add(queue: "a b&c") { $0.labels = ["who": "me"] } }
        let first = try await site.get("/jobs?queue=a+b%26c&label=who%3Dme").html
        let older = try #require(first.firstMatch(of: /href="([^"]*)" rel="next"/)).1.replacing("&amp;", with: "&")
        #expect(older.hasPrefix("/jobs?queue=a%20b%26c&label=who%3Dme&before="))
        let second = try await site.get(String(older)).html
        #expect(second.matches(of: /<tr data-key=/).count == 10)
        #expect(second.contains("rel=\"first\""))
        #expect(!second.contains("rel=\"next\""))
    }

    @Test func `a filter that means nothing is said and does not filter`() async throws {
        let site = try Site()
        try await site.add()
        for query in ["phase=sleeping", "parent=abc", "label=x", "before=1"] {
            let html = try await site.get("/jobs?\(query)").html
            #expect(html.contains("role=\"alert\""), "\(query)")
            #expect(html.contains("<tr data-key="), "\(query)")
        }
    }

    @Test func `a queue's page shows its policy in its form`() async throws {
        let site = try Site()
        var policy = QueuePolicy()
        policy.concurrency = 3
        policy.rate = Rate(count: 5, per: .milliseconds(1500))
        _ = try await site.store.set("a/b", .policy(policy))
        let html = try await site.get("/queues/a%2Fb").html
        #expect(html.contains("name=\"concurrency\" value=\"3\""))
        #expect(html.contains("name=\"rate_per\" value=\"1.5\""))
        #expect(html.contains("name=\"rate_burst\" value=\"\""))
        #expect(html.contains("name=\"retention\" value=\"604800\""))
        #expect(html.contains("action=\"/queues/a%2Fb/policy\""))
    }

    @Test func `triggers show their next slots in their zone and in UTC`() async throws {
        let site = try Site()
        let cron = try CronExpression("30 9 * * *")
        _ = try await site.store.put(Trigger(.cron(cron, zone: "Europe/Berlin"), job: JobTemplate(kind: "report")), named: "morning")
        _ = try await site.store.put(
            Trigger(.topic(stream: "orders", filter: EventFilter(type: "paid")), job: JobTemplate(kind: "ship")), named: "on paid")
        let html = try await site.get("/triggers").html
        #expect(html.matches(of: /<tr><td><time/).count == 5)
        #expect(html.contains("Thu 2026-01-01 09:30 +01:00"))
        #expect(html.contains("Thu 2026-01-01 08:30<"))
        #expect(html.contains("on &#39;paid&#39; in orders"))
        #expect(html.contains("action=\"/triggers/on%20paid/pause\""))
        let one = try await site.get("/triggers?name=on%20paid").html
        #expect(!one.contains("Europe/Berlin"))
    }

    @Test func `many triggers come in pages`() async throws {
        let site = try Site()
        for number in 10..<40 {
            _ = try await site.store.put(Trigger(.every(.seconds(60), offset: .zero), job: JobTemplate(kind: "k")), named: "t\(number)")
        }
        let first = try await site.get("/triggers").html
        #expect(first.matches(of: /<article/).count == 20)
        #expect(first.contains("href=\"/triggers?after=t29\""))
        #expect(try await site.get("/triggers?after=t29").html.matches(of: /<article/).count == 10)
    }

    @Test func `what does not exist is a page that says so`() async throws {
        let site = try Site()
        for path in ["/jobs/01890a5d-ac96-774b-bcce-b302099a8057", "/queues/none", "/triggers?name=none", "/assets/none.js"] {
            let page = try await site.get(path)
            #expect(page.status == 404, "\(path)")
            #expect(page.html.contains("There is no such thing"), "\(path)")
        }
        #expect(try await site.get("/jobs/abc").status == 400)
    }

    @Test func `a problem becomes a page for those who read pages alone`() throws {
        let site = try Site()
        let problem = Problem(.notFound, "this path does not exist")
        func page(_ path: String, _ accept: String?) -> Int? {
            Dashboard(engine: site.engine).page(for: problem, to: .get(path, accept: accept))?.status.code
        }
        #expect(page("/nothing", "text/html,*/*") == 404)
        #expect(page("/nothing", "application/json") == nil)
        #expect(page("/nothing", nil) == nil)
        #expect(page("/v1/nothing", "text/html") == nil)
    }

    @Test func `a large engine's pages stay small`() async throws {
        let site = try Site()
        for number in 0..<1000 { try await site.add("kind-\(number)", queue: "queue-\(number)") }
        for path in ["/", "/jobs"] { #expect(try await site.get(path).bytes.count < 200_000, "\(path)") }
        #expect(try await site.get("/").html.contains("The busiest 100 of 1000 queues."))
    }
}
