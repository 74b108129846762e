import MartletCore

extension Check {
    static let concurrency: [Check] = [
        Check("many that enqueue, claim and settle at once do everything, and nothing twice", 1, 2, 9, 10) { scene in
            let done = Ledger()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for producer in 0..<4 {
                    group.addTask {
                        for _ in 0..<25 {
                            let answers = try await scene.store.enqueue(scene.jobs(2) { $0.tenant = "t\(producer)" })
                            try scene.same(answers.count { $0.job != nil }, 2, "jobs accepted")
                        }
                    }
                }
                for worker in 0..<6 {
                    group.addTask { try await scene.work(as: "w\(worker)", until: 200, done) }
                }
                try await group.waitForAll()
            }
            try scene.same(done.attempts, 200, "attempts settled")
            let counts = try await scene.store.overview().queues.at(0).counts
            try scene.same([counts.succeeded, counts.total], [200, 200], "jobs succeeded and kept")
            try scene.same(try await scene.store.read("done", after: 0, limit: 1000).events.map(\.sequence), Array(1...200), "events")
        },
        Check("running is at most the limit, whoever claims at the same time", 7) { scene in
            try await scene.policy {
                $0.concurrency = 5
                $0.perTenant = 2
            }
            for tenant in 0..<5 { try await scene.accept(scene.jobs(12) { $0.tenant = "t\(tenant)" }) }
            let done = Ledger()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<6 {
                    group.addTask { try await scene.work(as: "w\(worker)", until: 60, done) }
                }
                group.addTask {
                    for _ in 0..<5000 where done.attempts < 60 {
                        let counts = try await scene.store.overview().queues.at(0).counts
                        try scene.expect(counts.running <= 5, "\(counts.running) of at most 5 run")
                        await Task.yield()
                    }
                }
                try await group.waitForAll()
            }
            try scene.same(done.attempts, 60, "attempts settled")
        },
        Check("a change is followed by a hint, to everybody who listens") { scene in
            let listeners = [scene.store.wakeups(), scene.store.wakeups()]
            try await scene.accept(scene.job())
            for listener in listeners {
                for await hint in listener where hint.work || hint.isUnspecific { break }
            }
            try await scene.append("e", to: "s")
            for listener in listeners {
                for await hint in listener where hint.streams.contains("s") || hint.isUnspecific { break }
            }
        },
    ]
}

extension Scene {
    /// Claims a few jobs at a time and finishes them, each with an event, until so many are done by all workers together.
    fileprivate func work(as node: String, until total: Int, _ done: Ledger) async throws {
        for _ in 0..<5000 where done.attempts < total {
            let claimed = try await claim(3, node: node)
            let batch = claimed.map {
                Settlement($0.lease, .succeeded(result: nil), events: [NewEvent(stream: "done", type: "e", data: .null)])
            }
            for answer in try await store.settle(batch) {
                try same(answer, .settled(.finished, .succeeded), "the answer")
                done.add(1)
            }
            await Task.yield()
        }
    }
}
