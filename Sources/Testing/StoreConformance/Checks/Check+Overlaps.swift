import MartletCore

extension Check {
    /// What a trigger does while its earlier jobs are unfinished.
    static let overlaps: [Check] = [
        Check("skip drops the new job while an earlier one is unfinished") { scene in
            _ = try await scene.store.put(scene.everyMinute(overlap: .skip), named: "t")
            var slot = scene.clock.now()
            try await scene.plant("t", slot)
            guard case .accepted? = try await scene.fire("t", &slot) else { throw Violation("the first job was not taken") }
            try scene.same(try await scene.fire("t", &slot), nil, "while the first is ready")
            let running = try await scene.claimOne()
            try scene.same(try await scene.fire("t", &slot), nil, "while the first runs")
            _ = try await scene.store.renew(Heartbeat(node: NodeID("sweeper")))
            let again = try await scene.claimOne()
            try scene.same(again.job.id, running.job.id, "the job")
            try await scene.end(again, .waiting(Wait(.event(stream: "s", type: "e", after: 0), step: "w")))
            try scene.same(try await scene.fire("t", &slot), nil, "while the first waits")
            _ = try await scene.store.cancel(running.job.id)
            guard case .accepted? = try await scene.fire("t", &slot) else { throw Violation("nothing is unfinished") }
        },
        Check("queue makes the jobs of a trigger run one after another", 7, 10) { scene in
            _ = try await scene.store.put(scene.everyMinute(overlap: .queue), named: "t")
            var slot = scene.clock.now()
            try await scene.plant("t", slot)
            var ids: [JobID] = []
            for _ in 0..<4 {
                guard case .accepted(let record)? = try await scene.fire("t", &slot) else { throw Violation("not taken") }
                ids.append(record.id)
                if ids.count > 1 {
                    try scene.same(record.phase, .waiting, "phase")
                    try scene.same(record.wait, Wait(.turn(trigger: "t"), step: nil), "wait")
                    try scene.same(record.dueAt, .distantFuture, "dueAt")
                }
            }
            _ = try await scene.store.cancel(ids[1])
            for id in [ids[0], ids[2], ids[3]] {
                let claimed = try await scene.claim()
                try scene.same(claimed.map(\.job.id), [id], "the job whose turn it is")
                try scene.same(claimed[0].steps, [], "its steps")
                try await scene.end(claimed[0])
            }
            try scene.same(try await scene.claim().count, 0, "jobs left")
        },
        Check("a retry keeps the others of its trigger waiting", 10) { scene in
            _ = try await scene.store.put(scene.everyMinute(overlap: .queue), named: "t")
            var slot = scene.clock.now()
            try await scene.plant("t", slot)
            for _ in 0..<2 { _ = try await scene.fire("t", &slot) }
            let first = try await scene.claimOne()
            try await scene.end(first, .failed(Failure(kind: "x", message: ""), retryAfter: .seconds(1)))
            try scene.same(try await scene.claim().count, 0, "jobs before the retry")
            scene.clock.advance(by: .seconds(1))
            let again = try await scene.claim()
            try scene.same(again.map(\.job.id), [first.job.id], "the job whose turn it is")
            try await scene.end(again[0])
            try scene.same(try await scene.claim().count, 1, "the next")
        },
        Check("cancel stops the earlier jobs and starts the new one") { scene in
            _ = try await scene.store.put(scene.everyMinute(overlap: .cancel), named: "t")
            var slot = scene.clock.now()
            try await scene.plant("t", slot)
            guard case .accepted(let first)? = try await scene.fire("t", &slot), case .accepted(let second)? = try await scene.fire("t", &slot)
            else { throw Violation("not taken") }
            try scene.same(try await scene.record(first.id).outcome, .cancelled, "the first, which was ready")
            let running = try await scene.claimOne()
            try scene.same(running.job.id, second.id, "the second")
            guard case .accepted(let third)? = try await scene.fire("t", &slot) else { throw Violation("not taken") }
            let asked = try await scene.record(second.id)
            try scene.expect(asked.phase == .running && asked.isCancelRequested, "the second is asked to stop")
            try scene.same(third.phase, .ready, "the third's phase")
        },
    ]
}
