import MartletCore

extension Check {
    static let queries: [Check] = [
        Check("jobs are listed newest first, each once, page by page") { scene in
            let jobs = scene.jobs(25)
            try await scene.accept(jobs)
            var query = JobQuery()
            query.limit = 10
            let page = try await scene.store.jobs(query)
            try scene.expect(page.jobs.count <= 10 && page.next != nil, "a page keeps to its limit and has a next one")
            try scene.same(try await scene.everyJob(query).map(\.id), jobs.map(\.id).reversed(), "jobs over all pages")
            query.before = jobs[5].id
            try scene.same(try await scene.everyJob(query).map(\.id), jobs[..<5].map(\.id).reversed(), "jobs before one of them")
        },
        Check("a page holds at least one job and at most a hundred") { scene in
            try await scene.accept(scene.jobs(120))
            for (limit, count) in [(0, 1), (-5, 1), (1, 1), (100, 100), (1000, 100)] {
                var query = JobQuery()
                query.limit = limit
                try scene.same(try await scene.store.jobs(query).jobs.count, count, "jobs for a limit of \(limit)")
            }
            try scene.same(try await scene.store.jobs(JobQuery()).jobs.count, Limits.pageDefault, "jobs without a limit")
        },
        Check("every filter matches what it says, and all of them together") { scene in
            let parent = scene.id()
            let plain = scene.job("plain") { $0.queue = "other" }
            let rich = scene.job("rich") { job in
                job.queue = "q"
                job.tenant = "acme"
                job.key = IdempotencyKey("k")
                job.trigger = "t"
                job.parent = NewJob.Parent(job: parent, group: "g")
                job.labels = ["a": "1", "b": "2"]
            }
            let done = scene.job("done")
            try await scene.accept([plain, rich, done])
            try await scene.end(try await scene.claimOne(kinds: ["done"]), .failed(Failure(kind: "x", message: ""), retryAfter: nil))
            let cases: [(String, JobID, (inout JobQuery) -> Void)] = [
                ("phase", done.id, { $0.phase = .finished }), ("outcome", done.id, { $0.outcome = .failed }),
                ("kind", rich.id, { $0.kind = "rich" }), ("queue", rich.id, { $0.queue = "q" }), ("tenant", rich.id, { $0.tenant = "acme" }),
                ("key", rich.id, { $0.key = "k" }), ("trigger", rich.id, { $0.trigger = "t" }), ("parent", rich.id, { $0.parent = parent }),
                ("labels", rich.id, { $0.labels = ["a": "1", "b": "2"] }), ("label", rich.id, { $0.labels = ["b": "2"] }),
            ]
            var all = JobQuery()
            for (name, id, filter) in cases {
                var query = JobQuery()
                filter(&query)
                try scene.same(try await scene.everyJob(query).map(\.id), [id], "jobs by \(name)")
                if id == rich.id { filter(&all) }
            }
            all.phase = .ready
            try scene.same(try await scene.everyJob(all).map(\.id), [rich.id], "jobs by everything")
            all.labels["a"] = "2"
            try scene.same(try await scene.everyJob(all), [], "jobs by a label with another value")
        },
        Check("the empty tenant is a tenant, and no tenant is every tenant") { scene in
            let (mine, yours) = (scene.job { $0.tenant = "a" }, scene.job())
            try await scene.accept([mine, yours])
            var query = JobQuery()
            try scene.same(try await scene.everyJob(query).count, 2, "jobs of every tenant")
            query.tenant = ""
            try scene.same(try await scene.everyJob(query).map(\.id), [yours.id], "jobs of the empty tenant")
        },
        Check("a job that does not exist is nil") { scene in
            try scene.same(try await scene.store.job(scene.id()), nil, "the answer")
        },
        Check("the overview counts every job where it stands", 10) { scene in
            try await scene.accept(scene.jobs(6))
            try await scene.accept(scene.job("other") { $0.queue = "q" })
            let claimed = try await scene.claim(5, queues: ["default": 5])
            let ends: [Settlement.Disposition] = [
                .succeeded(result: nil), .failed(Failure(kind: "x", message: ""), retryAfter: nil), .cancelled(reason: nil),
                .waiting(Wait(.event(stream: "s", type: "e", after: 0), step: "w")),
            ]
            for (job, end) in zip(claimed, ends) { try await scene.end(job, end) }
            let overview = try await scene.store.overview()
            var counts = Counts()
            for phase in [Phase.ready, .running, .waiting] { counts[phase, nil] = 1 }
            for outcome in Outcome.allCases { counts[.finished, outcome] = 1 }
            var one = Counts()
            one.ready = 1
            try scene.same(overview.queues.map(\.name), ["default", "q"], "queues")
            try scene.same(overview.queues.map(\.counts), [counts, one], "their counts")
            try scene.same(overview.kinds, [KindState(name: "other", counts: one), KindState(name: "work", counts: counts)], "kinds")
            try scene.same(overview.now, scene.clock.now(), "now")
            let node = NodeState(id: NodeID("node"), expiresAt: scene.clock.now() + .seconds(10), running: 1)
            try scene.same(overview.nodes, [node], "nodes")
        },
    ]
}
