import MartletCore

extension Check {
    static let claiming: [Check] = [
        Check("a claim gives each job an epoch and an attempt of its own", 1) { scene in
            let record = try await scene.accept(scene.job())
            scene.clock.advance(by: .seconds(3))
            let claimed = try await scene.claimOne(node: "n1")
            var expected = record
            expected.phase = .running
            expected.epoch = 1
            expected.attempt = 1
            expected.node = NodeID("n1")
            expected.startedAt = scene.clock.now()
            try scene.same(claimed.job, expected, "the job handed out")
            try scene.same(try await scene.record(record.id), expected, "the job kept")
            try scene.same(try await scene.claim().count, 0, "jobs left")
        },
        Check("epochs grow with every claim, whatever ended the one before", 1) { scene in
            try await scene.accept(scene.job())
            let ends: [Settlement.Disposition] = [
                .snoozed(for: .zero), .released, .failed(Failure(kind: "x", message: ""), retryAfter: .zero),
                .waiting(Wait(.children(group: "none"), step: "w")), .succeeded(result: nil),
            ]
            for (index, end) in ends.enumerated() {
                let claimed = try await scene.claimOne()
                try scene.same(claimed.job.epoch, index + 1, "epoch")
                try await scene.end(claimed, end)
            }
            let id = try await scene.everyJob().at(0).id
            _ = try await scene.store.revive(id)
            try scene.same(try await scene.claimOne().job.epoch, ends.count + 1, "epoch after a revive")
        },
        Check("inside a tenant the more urgent job goes first, then the earlier, then the smaller id") { scene in
            let low = scene.job { $0.priority = .low }
            let standard = scene.job()
            let urgent = scene.job { $0.priority = .urgent }
            let early = scene.job { $0.due = .at(scene.clock.now() - .seconds(1)) }
            let twin = scene.job()
            try await scene.accept([low, twin, standard, urgent, early])
            let order = try await scene.claim().map(\.job.id)
            try scene.same(order, [urgent.id, early.id, standard.id, twin.id, low.id], "the order")
        },
        Check("a job that has waited long enough goes before a fresh urgent one") { scene in
            let low = try await scene.accept(scene.job { $0.priority = .low })
            scene.clock.advance(by: .seconds(180))
            let tie = try await scene.accept(scene.job { $0.priority = .urgent })
            scene.clock.advance(by: .microseconds(1))
            let urgent = try await scene.accept(scene.job { $0.priority = .urgent })
            try scene.same(try await scene.claim().map(\.job.id), [low.id, tie.id, urgent.id], "the order")
        },
        Check("a claim that finds nothing does not ask to come back at once") { scene in
            func wait() async throws -> Duration? {
                let claimed = try await scene.claimed()
                try scene.same(claimed.jobs.count, 0, "jobs handed out")
                return claimed.nextDue
            }
            try scene.expect(try await wait().map { $0 > .zero } ?? true, "an empty store")
            let claimed = try await scene.start(scene.job())
            try scene.expect(try await wait().map { $0 > .zero } ?? true, "while a node holds a job")
            try await scene.end(claimed, .succeeded(result: nil))
            // The node's word runs out while it is idle.
            scene.clock.advance(by: .seconds(60))
            for _ in 1...3 { try scene.expect(try await wait().map { $0 > .zero } ?? true, "after an idle node's word has run out") }
            try await scene.accept(scene.job { $0.due = .after(.seconds(5)) })
            try scene.expect(try await wait().map { $0 > .zero && $0 <= .seconds(5) } ?? false, "the wait for a later job")
        },
        Check("no more is handed out than was asked for", 7) { scene in
            try await scene.accept(scene.jobs(10))
            try scene.same(try await scene.claim(0).count, 0, "of none")
            try scene.same(try await scene.claim(4).count, 4, "of four")
            try scene.same(try await scene.claim(100).count, 6, "of what is left")
        },
        Check("a paused queue hands out nothing and loses nothing", 10) { scene in
            try await scene.accept(scene.jobs(3))
            _ = try await scene.store.set("default", .paused(true))
            try scene.same(try await scene.claim().count, 0, "jobs while paused")
            try await scene.accept(scene.job())
            _ = try await scene.store.set("default", .paused(false))
            try scene.same(try await scene.claim().count, 4, "jobs after that")
        },
        Check("jobs of a kind that a node does not know are left alone", 12) { scene in
            let unknown = try await scene.accept(
                scene.job("unknown") {
                    $0.priority = .urgent
                    $0.maxAttempts = 1
                })
            let known = try await scene.accept(scene.job())
            for _ in 0..<2 {
                _ = try await scene.claim(kinds: ["work"])
                scene.clock.advance(by: .seconds(3600))
            }
            try scene.same(try await scene.record(unknown.id), unknown, "the job of an unknown kind")
            try scene.same(try await scene.claim(kinds: []).count, 0, "jobs for a node that knows no kind")
            let kinds = try await scene.store.overview().kinds
            try scene.same(kinds.first { $0.name == "unknown" }?.counts.ready, 1, "the operator's view")
            let all = try await scene.claim(kinds: nil)
            try scene.same(Set(all.map(\.job.id)), [unknown.id, known.id], "jobs for a node that takes every kind")
        },
        Check("a node gets from the queues it names, at most what it names") { scene in
            for queue in ["a", "b", "c"] { try await scene.accept(scene.jobs(5) { $0.queue = queue }) }
            let claimed = try await scene.claim(queues: ["a": 2, "b": 1, "nothing": 9])
            try scene.same(claimed.map(\.job.queue).sorted(), ["a", "a", "b"], "queues")
            try scene.same(try await scene.claim(queues: ["c": 0]).count, 0, "of a queue with no demand")
            try scene.same(try await scene.claim(queues: [:]).count, 0, "of no queue")
        },
        Check("running is at most the queue's limit, over all nodes", 7) { scene in
            try await scene.policy { $0.concurrency = 3 }
            try await scene.accept(scene.jobs(10))
            let first = try await scene.claim(2, node: "a")
            let second = try await scene.claim(node: "b")
            try scene.same([first.count, second.count], [2, 1], "jobs handed out")
            try await scene.end(first[0])
            try scene.same(try await scene.claim(node: "b").count, 1, "after one has ended")
            try await scene.policy { $0.concurrency = 1 }
            try await scene.end(first[1])
            try scene.same(try await scene.claim(node: "b").count, 0, "while more run than a lowered limit")
        },
        Check("running is at most the limit per tenant, and other tenants are not held back", 7) { scene in
            try await scene.policy { $0.perTenant = 2 }
            try await scene.accept(scene.jobs(5) { $0.tenant = "a" })
            try await scene.accept(scene.jobs(3) { $0.tenant = "b" })
            try await scene.accept(scene.job { $0.tenant = "c" })
            let claimed = try await scene.claim()
            try scene.same(claimed.map(\.job.tenant).sorted(), ["a", "a", "b", "b", "c"], "tenants")
            try scene.same(try await scene.claim(node: "other").count, 0, "jobs over the limit")
            if let first = claimed.first(where: { $0.job.tenant == "a" }) { try await scene.end(first) }
            try scene.same(try await scene.claim().map(\.job.tenant), ["a"], "after one has ended")
        },
        Check("no more start than the queue's rate lets through", 8) { scene in
            try await scene.policy { $0.rate = Rate(count: 10, per: .seconds(10), burst: 3) }
            try await scene.accept(scene.jobs(10))
            try scene.same(try await scene.claim().count, 3, "the burst")
            try scene.same(try await scene.claim().count, 0, "at once after it")
            scene.clock.advance(by: .milliseconds(999))
            try scene.same(try await scene.claim().count, 0, "a little early")
            scene.clock.advance(by: .milliseconds(1))
            try scene.same(try await scene.claim().count, 1, "a second later")
            scene.clock.advance(by: .seconds(60))
            try scene.same(try await scene.claim().count, 3, "a full bucket again, not more")
        },
        Check("the steps of a job come with it") { scene in
            let job = try await scene.start(scene.job())
            try await scene.end(job, .released, steps: [NewStep(name: "b", result: 2), NewStep(name: "a", result: 1)])
            let again = try await scene.claimOne()
            try scene.same(again.steps.map(\.name), ["b", "a"], "steps")
            try scene.same(again.steps.map(\.result.text), ["2", "1"], "results")
            try scene.same(again.steps.map(\.recordedAt), [scene.clock.now(), scene.clock.now()], "instants")
        },
    ]
}

extension NewStep {
    init(name: String, state: Step.State = .done, result: Int) {
        self.init(name: name, state: state, result: Payload(.integer(result)))
    }
}
