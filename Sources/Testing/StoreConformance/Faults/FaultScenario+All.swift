import MartletCore

extension FaultScenario {
    public static let all = [enqueueing, running, retrying, stepping, fanning, firing, operating, leasing, appending, pruning]

    static let enqueueing = FaultScenario(name: "a batch is enqueued once") { scene in
        let jobs = scene.jobs(3) + [scene.job { $0.key = IdempotencyKey("k") }, scene.job { $0.key = IdempotencyKey("k") }]
        _ = try await scene.store.enqueue(jobs)
        _ = try await scene.store.enqueue(jobs)
    } verify: { scene in
        try scene.same(try await scene.everyJob().count, 4, "jobs")
        try scene.same(try await scene.claim().count, 4, "jobs due")
    }

    static let running = FaultScenario(name: "every job is finished once, and says so once") { scene in
        _ = try await scene.store.enqueue(scene.jobs(3))
        try await scene.drain { Settlement($0.lease, .succeeded(result: nil), events: [NewEvent(stream: "done", type: "e", data: 1)]) }
    } verify: { scene in
        try scene.same(try await scene.everyJob().map(\.outcome), [.succeeded, .succeeded, .succeeded], "outcomes")
        try scene.same(try await scene.store.read("done", after: 0, limit: 9).events.map(\.sequence), [1, 2, 3], "events")
    }

    static let retrying = FaultScenario(name: "a job that fails is tried again, and fails once") { scene in
        _ = try await scene.store.enqueue(scene.jobs(3))
        try await scene.drain { job in
            guard job.steps.isEmpty else { return Settlement(job.lease, .succeeded(result: nil)) }
            return Settlement(
                job.lease, .failed(Failure(kind: "x", message: ""), retryAfter: .zero), steps: [NewStep(name: "tried", result: 1)],
                events: [NewEvent(stream: "failures", type: "e", data: 1)])
        }
    } verify: { scene in
        try scene.same(try await scene.everyJob().map(\.outcome), [.succeeded, .succeeded, .succeeded], "outcomes")
        try scene.same(try await scene.store.read("failures", after: 0, limit: 9).events.map(\.sequence), [1, 2, 3], "failures")
    }

    static let stepping = FaultScenario(name: "a step is written once, and survives") { scene in
        _ = try await scene.store.enqueue([scene.job()])
        try await scene.drain { job in
            if job.steps.isEmpty {
                do {
                    _ = try await scene.store.record([NewStep(name: "s", state: .intended, result: 1)], under: job.lease)
                    _ = try await scene.store.record([NewStep(name: "s", result: job.job.attempt)], under: job.lease)
                } catch StoreError.leaseLost {
                    return nil
                }
            }
            return Settlement(job.lease, .succeeded(result: nil), steps: [NewStep(name: "s", result: -1)])
        }
    } verify: { scene in
        guard let job = try await scene.everyJob().first else { throw Violation("the job is gone") }
        try scene.same(job.outcome, .succeeded, "outcome")
        let steps = try await scene.detail(job.id).steps
        try scene.same(steps.map(\.state), [.done], "states")
        try scene.expect(steps[0].result != Payload(-1), "the first result stands")
    }

    static let fanning = FaultScenario(name: "a parent's children run once, and it goes on once") { scene in
        _ = try await scene.store.enqueue([scene.job("parent")])
        try await scene.drain { job in
            guard job.job.kind == "parent", job.steps.isEmpty else { return Settlement(job.lease, .succeeded(result: nil)) }
            let group = NewJob.Parent(job: job.job.id, group: "g")
            let children = (0..<3).map { number in
                scene.job {
                    $0.id = JobID(high: job.job.id.high, low: UInt64(number))
                    $0.parent = group
                }
            }
            return Settlement(job.lease, .waiting(Wait(.children(group: "g"), step: "w")), children: children)
        }
    } verify: { scene in
        let jobs = try await scene.everyJob()
        try scene.same(jobs.map(\.outcome), Array(repeating: .succeeded, count: 4), "outcomes")
        guard let parent = jobs.first(where: { $0.kind == "parent" }) else { throw Violation("the parent is gone") }
        let results = try await scene.detail(parent.id).steps.map { WaitResult($0.result) }
        try scene.same(results, [.children(succeeded: 3, failed: 0, cancelled: 0)], "the step")
    }

    static let firing = FaultScenario(name: "each slot makes one job") { scene in
        let state = try await scene.store.put(scene.everyMinute(overlap: .queue), named: "t")
        guard let revision = state?.revision else { throw Violation("the trigger is gone") }
        let first = Timestamp(seconds: 1_767_225_600)
        _ = try await scene.store.fire(FirePlan(trigger: "t", revision: revision, slot: nil, next: first, firing: []))
        for number in 0..<3 {
            let slot = first + .seconds(60 * number)
            // A plan whose answer was lost is stale when it is made again; both say that the slot is done.
            let answer = try await scene.store.fire(scene.plan("t", slot, revision: revision))
            if case .early = answer { throw Violation("slot \(slot) is early") }
            scene.clock.advance(by: .seconds(60))
        }
    } verify: { scene in
        let slots = (0..<3).map { "t@\(Timestamp(seconds: 1_767_225_600) + .seconds(60 * $0))" }
        try scene.same(try await scene.everyJob().compactMap(\.key).sorted(), slots.sorted(), "keys")
    }

    static let operating = FaultScenario(name: "an operator's orders take effect once") { scene in
        let (cancelled, revived) = (scene.job(), scene.job("revived"))
        _ = try await scene.store.enqueue([cancelled, revived])
        for id in [cancelled.id, revived.id] {
            do {
                _ = try await scene.store.cancel(id)
            } catch StoreError.wrongPhase(_, .finished) {}
        }
        do {
            _ = try await scene.store.revive(revived.id)
        } catch StoreError.wrongPhase(_, .ready) {}
        _ = try await scene.store.set("default", .paused(true))
        try await scene.policy { $0.concurrency = 7 }
    } verify: { scene in
        let jobs = try await scene.everyJob().sorted { $0.kind < $1.kind }
        try scene.same(jobs.map(\.phase), [.ready, .finished], "phases")
        let queue = try await scene.store.overview().queues.first
        try scene.expect(queue?.isPaused == true && queue?.policy.concurrency == 7, "the queue is as it was set")
    }

    static let leasing = FaultScenario(name: "locks and buckets give out no more than there is") { scene in
        _ = try await scene.store.acquire("lock", owner: "a", for: .seconds(10))
        let other = try await scene.store.acquire("lock", owner: "b", for: .seconds(10))
        guard case .held(by: "a", _) = other else { throw Violation("\(other)") }
        _ = try await scene.store.release("lock", epoch: 1)
        try scene.same(try await scene.store.acquire("lock", owner: "b", for: .seconds(60)), .granted(epoch: 2), "the next owner")
        let rate = Rate(count: 3, per: .seconds(3600))
        var taken = 0
        for _ in 0..<5 where try await scene.store.take(1, from: "b", rate) == .taken { taken += 1 }
        // A lost answer may cost a token; it never makes one.
        try scene.expect((2...3).contains(taken), "\(taken) of three were taken")
    } verify: { scene in
        guard case .wait = try await scene.store.take(1, from: "b", Rate(count: 3, per: .seconds(3600))) else { throw Violation("a fourth") }
        guard case .held(by: "b", _) = try await scene.store.acquire("lock", owner: "c", for: .seconds(1)) else { throw Violation("not held") }
    }

    static let appending = FaultScenario(name: "a writer that looks before it repeats writes each event once") { scene in
        for _ in 0..<20 {
            // The retry inside this call could write twice, so each event carries the number that it must get.
            let last = try await scene.store.read("s", after: 0, limit: 1).last
            if last >= 4 { return }
            _ = try await scene.store.append([NewEvent(stream: "s", type: "n", data: last + 1)])
        }
    } verify: { scene in
        let page = try await scene.store.read("s", after: 0, limit: 99)
        try scene.same(page.events.map(\.sequence), Array(1...page.last), "numbers")
        let first = Set(page.events.map(\.data))
        try scene.expect((1...4).filter { first.contains(Payload($0)) }.count >= 3, "no event is lost but to a repetition of another")
        try scene.expect(page.last <= 5, "one fault writes at most one event twice")
    }

    static let pruning = FaultScenario(name: "what is pruned is gone, and only that") { scene in
        try await scene.policy { $0.retention = .zero }
        _ = try await scene.store.enqueue(scene.jobs(3) + [scene.job("kept") { $0.due = .after(.seconds(86_400)) }])
        try await scene.drain { Settlement($0.lease, .succeeded(result: nil)) }
        while try await scene.store.prune(limit: 2, eventRetention: .seconds(1)).hasMore {}
    } verify: { scene in
        try scene.same(try await scene.everyJob().map(\.kind), ["kept"], "jobs")
    }
}

extension Scene {
    /// Works like a node does: claims, settles, and where nothing is due although a job runs (the answer to a claim was lost), waits
    /// until the lease of whoever has it is over.
    fileprivate func drain(_ handle: (ClaimedJob) async throws -> Settlement?) async throws {
        for round in 0..<50 {
            let claimed = try await claim(2, node: "node-\(round)", kinds: nil)
            var batch: [Settlement] = []
            for job in claimed {
                if let settlement = try await handle(job) { batch.append(settlement) }
            }
            if !batch.isEmpty { _ = try await store.settle(batch) }
            let counts = try await store.overview().queues.map(\.counts).reduce(Counts(), +)
            if claimed.isEmpty, counts.running == 0 { return }
            if claimed.isEmpty { clock.advance(by: .seconds(11)) }
        }
        throw Violation("the work does not end")
    }
}
