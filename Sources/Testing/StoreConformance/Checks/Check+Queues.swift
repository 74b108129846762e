import MartletCore

extension Check {
    static let queues: [Check] = [
        Check("a queue comes into being with its first job or its first setting") { scene in
            try await scene.accept(scene.job { $0.queue = "b" })
            let state = try await scene.store.set("a", .paused(true))
            try scene.same(state, QueueState(name: "a", policy: QueuePolicy(), isPaused: true, counts: Counts()), "the answer")
            let queues = try await scene.store.overview().queues
            try scene.same(queues.map(\.name), ["a", "b"], "queues")
            try scene.same(queues[1].policy, QueuePolicy(), "the policy of a queue that nobody set")
            try scene.same(queues[1].counts.ready, 1, "ready jobs")
        },
        Check("a pause keeps the policy, and a policy keeps the pause") { scene in
            var policy = QueuePolicy()
            policy.concurrency = 5
            policy.perTenant = 2
            policy.rate = Rate(count: 100, per: .seconds(60), burst: 10)
            policy.highWater = 50
            policy.lowWater = 30
            policy.retention = .seconds(60)
            _ = try await scene.store.set("q", .policy(policy))
            let paused = try await scene.store.set("q", .paused(true))
            try scene.same(paused.policy, policy, "the policy after a pause")
            policy.concurrency = nil
            let changed = try await scene.store.set("q", .policy(policy))
            try scene.expect(changed.isPaused, "the queue is still paused")
            try scene.same(try await scene.store.overview().queues, [changed], "queues")
        },
        Check("a policy that makes no sense is refused and changes nothing") { scene in
            let faults: [(inout QueuePolicy) -> Void] = [
                { $0.concurrency = 0 }, { $0.perTenant = 0 }, { $0.highWater = 0 }, { $0.lowWater = 3 }, { $0.retention = .seconds(-1) },
                { $0.rate = Rate(count: 0, per: .seconds(1)) }, { $0.rate = Rate(count: 1, per: .zero) },
                { $0.rate = Rate(count: 1, per: .seconds(1), burst: 2) },
            ]
            for fault in faults {
                var policy = QueuePolicy()
                fault(&policy)
                let error = try await scene.refusal("the policy") { [policy] () throws(StoreError) in
                    try await scene.store.set("q", .policy(policy))
                }
                try scene.same(error, policy.fault, "the error")
            }
            try scene.same(try await scene.store.overview().queues, [], "queues")
        },
    ]

    static let buckets: [Check] = [
        Check("a bucket never holds less than nothing, and fills at its rate", 8) { scene in
            let rate = Rate(count: 10, per: .seconds(10), burst: 5)
            func take(_ count: Int) async throws -> TakeResult { try await scene.store.take(count, from: "b", rate) }
            try scene.same(try await take(3), .taken, "three of five")
            try scene.same(try await take(3), .wait(.seconds(1)), "three of two")
            try scene.same(try await take(2), .taken, "two of two")
            try scene.same(try await take(1), .wait(.seconds(1)), "one of none")
            scene.clock.advance(by: .milliseconds(600))
            try scene.same(try await take(1), .wait(.milliseconds(400)), "one of a part")
            scene.clock.advance(by: .milliseconds(400))
            try scene.same(try await take(1), .taken, "one of one")
            scene.clock.advance(by: .seconds(3600))
            try scene.same(try await take(5), .taken, "a full bucket")
            try scene.same(try await take(1), .wait(.seconds(1)), "no more than full")
            try scene.same(try await scene.store.take(5, from: "other", rate), .taken, "another bucket")
        },
        Check("more than a bucket can ever hold is refused", 8) { scene in
            let rate = Rate(count: 10, per: .seconds(10), burst: 5)
            for count in [6, -1] {
                let error = try await scene.refusal("a take") { () throws(StoreError) in try await scene.store.take(count, from: "b", rate) }
                guard case .invalid = error else { throw Violation("\(error), should be invalid") }
            }
            try scene.same(try await scene.store.take(5, from: "b", rate), .taken, "all of it")
        },
        Check("many that take at once get no more than there is", 8) { scene in
            let rate = Rate(count: 10, per: .seconds(10))
            let taken = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 {
                    group.addTask { try await scene.store.take(1, from: "b", rate) == .taken ? 1 : 0 }
                }
                return try await group.reduce(0, +)
            }
            try scene.same(taken, 10, "taken")
        },
    ]

    static let namedLeases: [Check] = [
        Check("a named lease has one owner at a time", 1, 2) { scene in
            let first = try await scene.store.acquire("lock", owner: "a", for: .seconds(10))
            try scene.same(first, .granted(epoch: 1), "the first")
            scene.clock.advance(by: .seconds(4))
            let other = try await scene.store.acquire("lock", owner: "b", for: .seconds(10))
            try scene.same(other, .held(by: "a", expiresIn: .seconds(6)), "another owner")
            let again = try await scene.store.acquire("lock", owner: "a", for: .seconds(10))
            try scene.same(again, .granted(epoch: 1), "the same owner")
            scene.clock.advance(by: .seconds(9))
            let still = try await scene.store.acquire("lock", owner: "b", for: .seconds(10))
            try scene.same(still, .held(by: "a", expiresIn: .seconds(1)), "after it was extended")
            try scene.same(try await scene.store.acquire("free", owner: "b", for: .seconds(1)), .granted(epoch: 1), "another name")
        },
        Check("the epochs of a name grow, over expiry and release", 1, 2) { scene in
            _ = try await scene.store.acquire("lock", owner: "a", for: .seconds(10))
            scene.clock.advance(by: .seconds(10))
            let second = try await scene.store.acquire("lock", owner: "a", for: .seconds(10))
            try scene.same(second, .granted(epoch: 2), "after it expired")
            try scene.same(try await scene.store.release("lock", epoch: 1), false, "a release of an old epoch")
            try scene.same(try await scene.store.release("never", epoch: 1), false, "a release of nothing")
            try scene.same(try await scene.store.release("lock", epoch: 2), true, "a release")
            try scene.same(try await scene.store.release("lock", epoch: 2), false, "a second release")
            let third = try await scene.store.acquire("lock", owner: "b", for: .seconds(10))
            try scene.same(third, .granted(epoch: 3), "after it was released")
            scene.clock.advance(by: .seconds(3600))
            _ = try await scene.store.prune(limit: 100, eventRetention: .seconds(1))
            let fourth = try await scene.store.acquire("lock", owner: "b", for: .seconds(10))
            try scene.same(fourth, .granted(epoch: 4), "after a prune")
        },
        Check("a lease for no time is refused") { scene in
            let error = try await scene.refusal("a lease") { () throws(StoreError) in
                try await scene.store.acquire("lock", owner: "a", for: .zero)
            }
            guard case .invalid = error else { throw Violation("\(error), should be invalid") }
        },
        Check("of many that ask for a lease, one gets it", 1) { scene in
            let granted = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<30 {
                    group.addTask {
                        if case .granted = try await scene.store.acquire("lock", owner: "o\(index)", for: .seconds(10)) { 1 } else { 0 }
                    }
                }
                return try await group.reduce(0, +)
            }
            try scene.same(granted, 1, "owners")
        },
    ]
}
