import MartletCore

extension Check {
    /// How a claim is dealt between queues, and a queue between tenants.
    static let sharing: [Check] = [
        Check("a claim is dealt between the queues before one may take the rest") { scene in
            for queue in ["a", "b"] { try await scene.accept(scene.jobs(10) { $0.queue = queue }) }
            try await scene.accept(scene.job { $0.queue = "c" })
            let first = try await scene.claim(9)
            try scene.same(first.map(\.job.queue), ["a", "a", "a", "b", "b", "b", "c", "a", "a"], "queues in the order claimed")
        },
        Check("the queue whose job has been due longest is served first") { scene in
            for (index, queue) in ["c", "a", "b"].enumerated() {
                try await scene.accept(
                    scene.job {
                        $0.queue = queue
                        $0.due = .at(scene.clock.now() - .seconds(Int64(10 - index)))
                    })
            }
            try await scene.accept(
                scene.job("unknown") {
                    $0.queue = "b"
                    $0.due = .at(scene.clock.now() - .seconds(100))
                })
            try scene.same(try await scene.claim(2).map(\.job.queue), ["c", "a"], "queues")
        },
        Check("a queue that may hand out nothing takes no share") { scene in
            for queue in ["full", "open", "paused"] { try await scene.accept(scene.jobs(6) { $0.queue = queue }) }
            _ = try await scene.store.set("paused", .paused(true))
            try await scene.policy("full") { $0.concurrency = 1 }
            _ = try await scene.claim(queues: ["full": 1])
            try scene.same(try await scene.claim(4).map(\.job.queue), ["open", "open", "open", "open"], "queues")
        },
        Check("a tenant with many jobs does not delay one with few") { scene in
            try await scene.accept(scene.jobs(50) { $0.tenant = "many" })
            try await scene.accept(scene.jobs(3) { $0.tenant = "few" })
            let order = try await scene.claim(8).map(\.job.tenant)
            try scene.same(order, ["few", "many", "few", "many", "few", "many", "many", "many"], "tenants")
        },
        Check("the turn between tenants is kept from claim to claim") { scene in
            for tenant in ["a", "b", "c"] { try await scene.accept(scene.jobs(4) { $0.tenant = tenant }) }
            var order: [String] = []
            for _ in 0..<9 { order += try await scene.claim(1).map(\.job.tenant) }
            try scene.same(order, ["a", "b", "c", "a", "b", "c", "a", "b", "c"], "tenants")
        },
        Check("a tenant that was idle gets no credit for it") { scene in
            try await scene.accept(scene.jobs(20) { $0.tenant = "busy" })
            _ = try await scene.claim(10)
            try await scene.accept(scene.jobs(20) { $0.tenant = "idle" })
            let next = try await scene.claim(6).map(\.job.tenant)
            try scene.same(next.count { $0 == "idle" }, 3, "jobs of the one that was idle")
        },
        Check("a tenant at its limit leaves its share to the others", 7) { scene in
            try await scene.policy { $0.perTenant = 1 }
            try await scene.accept(scene.jobs(5) { $0.tenant = "a" })
            try await scene.accept(scene.job { $0.tenant = "b" })
            try scene.same(try await scene.claim(1).map(\.job.tenant), ["a"], "the first")
            try scene.same(try await scene.claim(1).map(\.job.tenant), ["b"], "the second")
            try scene.same(try await scene.claim(1).count, 0, "the third")
        },
        Check("a full claim takes each due job once", 1, 10) { scene in
            let jobs = (0..<300).map { index in
                scene.job {
                    $0.tenant = "t\(index % 7)"
                    $0.queue = "q\(index % 3)"
                    $0.priority = Priority.all[index % 4]
                }
            }
            try await scene.accept(jobs)
            var seen: [JobID] = []
            while true {
                let claimed = try await scene.claim(37)
                if claimed.isEmpty { break }
                seen += claimed.map(\.job.id)
            }
            try scene.same(seen.count, 300, "jobs handed out")
            try scene.same(Set(seen), Set(jobs.map(\.id)), "jobs")
        },
    ]
}
