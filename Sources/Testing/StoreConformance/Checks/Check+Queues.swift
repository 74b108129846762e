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
}
