import MartletCore

extension Check {
    static let keys: [Check] = [
        Check("a second job with a taken key is answered with the first", 10) { scene in
            let record = try await scene.accept(scene.job { $0.key = IdempotencyKey("k") })
            let second = scene.job { $0.key = IdempotencyKey("k") }
            try scene.same(try await scene.store.enqueue([second]), [.duplicate(record, replaced: false)], "the answer")
            try scene.same(try await scene.store.job(second.id), nil, "the second job")
        },
        Check("a key that is told to reject refuses, and says which job has it") { scene in
            let record = try await scene.accept(scene.job { $0.key = IdempotencyKey("k") })
            let second = scene.job { $0.key = IdempotencyKey("k", conflict: .reject) }
            try scene.same(try await scene.store.enqueue([second]), [.refused(.keyTaken(key: "k", by: record.id))], "the answer")
        },
        Check("a key that is told to replace takes over a job that is still ready", 10) { scene in
            let first = try await scene.accept(
                scene.job {
                    $0.key = IdempotencyKey("k")
                    $0.parent = NewJob.Parent(job: scene.id(), group: "g")
                })
            scene.clock.advance(by: .seconds(1))
            let second = scene.job("other") {
                $0.key = IdempotencyKey("k", conflict: .replace)
                $0.payload = Payload(["n": 2])
                $0.queue = "elsewhere"
                $0.priority = .urgent
                $0.due = .after(.seconds(7))
                $0.labels = ["l": "v"]
                $0.timeout = .seconds(3)
                $0.queueTimeout = .seconds(4)
                $0.maxAttempts = 2
            }
            var expected = first
            expected.kind = "other"
            expected.payload = second.payload
            expected.priority = .urgent
            expected.dueAt = scene.clock.now() + .seconds(7)
            expected.labels = ["l": "v"]
            expected.timeout = .seconds(3)
            expected.queueTimeout = .seconds(4)
            expected.maxAttempts = 2
            try scene.same(try await scene.store.enqueue([second]), [.duplicate(expected, replaced: true)], "the answer")
            try scene.same(try await scene.record(first.id), expected, "the job")
            scene.clock.advance(by: .seconds(8))
            try scene.same(try await scene.claim(kinds: ["work"]).count, 0, "jobs of the old kind")
        },
        Check("nothing is replaced once the job has started") { scene in
            let first = try await scene.start(scene.job { $0.key = IdempotencyKey("k") })
            let second = scene.job { $0.key = IdempotencyKey("k", conflict: .replace) }
            try scene.same(try await scene.store.enqueue([second]), [.duplicate(first.job, replaced: false)], "the answer")
        },
        Check("a key until the end is free again after every end") { scene in
            let ends: [Settlement.Disposition] = [
                .succeeded(result: nil), .failed(Failure(kind: "x", message: ""), retryAfter: nil), .cancelled(reason: nil),
            ]
            for end in ends {
                let job = try await scene.start(scene.job { $0.key = IdempotencyKey("k") })
                try await scene.end(job, end)
            }
            let ready = try await scene.accept(scene.job { $0.key = IdempotencyKey("k") })
            _ = try await scene.store.cancel(ready.id)
            try await scene.accept(scene.job { $0.key = IdempotencyKey("k") })
        },
        Check("a key stays taken while its job is retried") { scene in
            let job = try await scene.start(scene.job { $0.key = IdempotencyKey("k") })
            try await scene.end(job, .failed(Failure(kind: "x", message: ""), retryAfter: .seconds(1)))
            let record = try await scene.record(job.job.id)
            let answer = try await scene.store.enqueue([scene.job { $0.key = IdempotencyKey("k") }])
            try scene.same(answer, [.duplicate(record, replaced: false)], "the answer")
        },
        Check("a key for ever outlives the end of its job, and the job itself") { scene in
            let first = try await scene.start(scene.job { $0.key = IdempotencyKey("k", scope: .forever) })
            try await scene.end(first)
            let finished = try await scene.record(first.job.id)
            let second = scene.job { $0.key = IdempotencyKey("k") }
            try scene.same(try await scene.store.enqueue([second]), [.duplicate(finished, replaced: false)], "after the end")
            scene.clock.advance(by: .seconds(8 * 86_400))
            try scene.same(try await scene.store.prune(limit: 10, eventRetention: .seconds(1)).jobs, 1, "jobs pruned")
            try scene.same(try await scene.store.enqueue([second]), [.refused(.keyTaken(key: "k", by: first.job.id))], "after the prune")
        },
        Check("a window is counted from the enqueue that took the key, finished or not") { scene in
            let window = IdempotencyKey("k", scope: .window(.seconds(60)), conflict: .replace)
            let first = try await scene.accept(scene.job { $0.key = window })
            scene.clock.advance(by: .seconds(59))
            guard case .duplicate(_, replaced: true) = try await scene.store.enqueue([scene.job { $0.key = window }]).at(0) else {
                throw Violation("the window ended early")
            }
            try await scene.finishAll()
            guard case .duplicate(let record, replaced: false) = try await scene.store.enqueue([scene.job { $0.key = window }]).at(0) else {
                throw Violation("the window ended with the job")
            }
            try scene.same(record.id, first.id, "the holder")
            scene.clock.advance(by: .seconds(1))
            let next = try await scene.accept(scene.job { $0.key = window })
            let answer = try await scene.store.enqueue([scene.job { $0.key = IdempotencyKey("k") }])
            try scene.same(answer, [.duplicate(next, replaced: false)], "the new holder")
        },
        Check("the scope of the job that took a key decides, not that of the one that asks") { scene in
            let first = try await scene.start(scene.job { $0.key = IdempotencyKey("k") })
            _ = try await scene.store.enqueue([scene.job { $0.key = IdempotencyKey("k", scope: .forever) }])
            try await scene.end(first)
            try await scene.accept(scene.job { $0.key = IdempotencyKey("k", scope: .forever) })
        },
        Check("key names live inside their tenant") { scene in
            for tenant in ["", "a", "b"] {
                try await scene.accept(
                    scene.job {
                        $0.key = IdempotencyKey("k")
                        $0.tenant = tenant
                    })
            }
        },
        Check("two jobs of one batch collide like jobs of two", 11) { scene in
            let batch = [
                scene.job { $0.key = IdempotencyKey("k") }, scene.job { $0.key = IdempotencyKey("k") },
                scene.job { $0.key = IdempotencyKey("k", conflict: .reject) }, scene.job(),
            ]
            let answers = try await scene.store.enqueue(batch)
            guard case .accepted(let first) = try answers.at(0), case .accepted = try answers.at(3) else { throw Violation("\(answers)") }
            try scene.same(try answers.at(1), .duplicate(first, replaced: false), "the second")
            try scene.same(try answers.at(2), .refused(.keyTaken(key: "k", by: first.id)), "the third")
        },
        Check("a refused job takes no key") { scene in
            try await scene.policy { $0.highWater = 1 }
            try await scene.accept(scene.job())
            guard case .refused(.queueFull) = try await scene.store.enqueue([scene.job { $0.key = IdempotencyKey("k") }]).at(0) else {
                throw Violation("a full queue accepted a job")
            }
            try await scene.accept(
                scene.job {
                    $0.key = IdempotencyKey("k")
                    $0.queue = "other"
                })
        },
        Check("a revived job takes its key again") { scene in
            let job = try await scene.start(scene.job { $0.key = IdempotencyKey("k") })
            try await scene.end(job)
            let revived = try await scene.store.revive(job.job.id)
            let answer = try await scene.store.enqueue([scene.job { $0.key = IdempotencyKey("k") }])
            try scene.same(answer, [.duplicate(revived, replaced: false)], "the answer")
        },
        Check("a job whose key has gone to another cannot be revived") { scene in
            let job = try await scene.start(scene.job { $0.key = IdempotencyKey("k") })
            try await scene.end(job)
            let holder = try await scene.accept(scene.job { $0.key = IdempotencyKey("k") })
            let error = try await scene.refusal("the revive") { () throws(StoreError) in try await scene.store.revive(job.job.id) }
            try scene.same(error, .keyTaken(key: "k", by: holder.id), "the error")
            try scene.same(try await scene.record(job.job.id).phase, .finished, "phase")
        },
        Check("of many tasks that ask for one key, one gets it", 10) { scene in
            let accepted = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 {
                    let job = scene.job { $0.key = IdempotencyKey("k") }
                    group.addTask {
                        if case .accepted = try await scene.store.enqueue([job]).at(0) { 1 } else { 0 }
                    }
                }
                return try await group.reduce(0, +)
            }
            try scene.same(accepted, 1, "jobs accepted")
            try scene.same(try await scene.everyJob().count, 1, "jobs kept")
        },
    ]
}
