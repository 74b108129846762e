import MartletCore

extension Check {
    static let pruning: [Check] = [
        Check("finished jobs go with their steps and streams when their time has come, and no others", 10) { scene in
            try await scene.policy { $0.retention = .seconds(100) }
            let old = try await scene.start(scene.job())
            try await scene.end(
                old, steps: [NewStep(name: "s", result: 1)], events: [NewEvent(stream: StreamName.job(old.job.id), type: "e", data: 1)])
            let ready = try await scene.accept(scene.job { $0.due = .after(.seconds(86_400)) })
            scene.clock.advance(by: .seconds(1))
            let young = try await scene.start(scene.job())
            try await scene.end(young)
            let kept = try await scene.start(scene.job { $0.queue = "kept" })
            try await scene.end(kept)
            scene.clock.advance(by: .seconds(99) - .microseconds(1))
            try scene.same(try await scene.store.prune(limit: 10, eventRetention: .seconds(1)).jobs, 0, "jobs a moment early")
            scene.clock.advance(by: .microseconds(1))
            let result = try await scene.store.prune(limit: 10, eventRetention: .seconds(1))
            try scene.same(result, PruneResult(jobs: 1, events: 0, hasMore: false), "the answer")
            try scene.same(try await scene.store.job(old.job.id), nil, "the job")
            try scene.same(try await scene.store.read(StreamName.job(old.job.id), after: 0, limit: 9).events, [], "its stream")
            try scene.same(Set(try await scene.everyJob().map(\.id)), [ready.id, young.job.id, kept.job.id], "jobs kept")
        },
        Check("a prune does no more than it is told to, and says when there is more") { scene in
            try await scene.policy { $0.retention = .zero }
            try await scene.accept(scene.jobs(5))
            try await scene.finishAll()
            let results = [
                try await scene.store.prune(limit: 2, eventRetention: .seconds(1)),
                try await scene.store.prune(limit: 2, eventRetention: .seconds(1)),
                try await scene.store.prune(limit: 2, eventRetention: .seconds(1)),
                try await scene.store.prune(limit: 2, eventRetention: .seconds(1)),
            ]
            try scene.same(results.map(\.jobs), [2, 2, 1, 0], "jobs")
            try scene.same(results.map(\.hasMore), [true, true, false, false], "whether there is more")
        },
        Check("old events go, their numbers are not given out again, and the audit stays", 5) { scene in
            let job = try await scene.accept(scene.job())
            for stream in ["s", StreamName.audit, StreamName.job(job.id)] {
                for _ in 0..<3 { try await scene.append("old", to: stream) }
            }
            scene.clock.advance(by: .seconds(100))
            try await scene.append("new", to: "s")
            let result = try await scene.store.prune(limit: 10, eventRetention: .seconds(100))
            try scene.same(result, PruneResult(jobs: 0, events: 3, hasMore: false), "the answer")
            let page = try await scene.store.read("s", after: 0, limit: 10)
            try scene.same(page.events.map(\.sequence), [4], "events kept")
            try scene.same([page.first, page.last], [4, 4], "first and last")
            scene.clock.advance(by: .seconds(100))
            _ = try await scene.store.prune(limit: 10, eventRetention: .seconds(100))
            try scene.same(try await scene.store.read("s", after: 0, limit: 9), EventPage(events: [], last: 4, first: 5), "an emptied stream")
            try scene.same(try await scene.append("next", to: "s"), 5, "the next number")
            for stream in [StreamName.audit, StreamName.job(job.id)] {
                try scene.same(try await scene.store.read(stream, after: 0, limit: 9).events.count, 3, "events of \(stream)")
            }
        },
        Check("a waiting parent outlives its children, and still counts those that are kept", 10) { scene in
            try await scene.policy("children") { $0.retention = .seconds(1) }
            let parent = try await scene.start(scene.job())
            let shape: (inout NewJob) -> Void = {
                $0.parent = NewJob.Parent(job: parent.job.id, group: "g")
                $0.queue = "children"
            }
            let (first, second) = (scene.job("work", shape), scene.job("work", shape))
            try await scene.end(parent, .waiting(Wait(.children(group: "g"), step: "w")), children: [first, second])
            try await scene.end(try await scene.claimOne())
            scene.clock.advance(by: .seconds(2))
            try scene.same(try await scene.store.prune(limit: 9, eventRetention: .seconds(1)).jobs, 1, "jobs pruned")
            try await scene.end(try await scene.claimOne())
            let steps = try await scene.claim(1).flatMap { $0.steps.map { WaitResult($0.result) } }
            try scene.same(steps, [.children(succeeded: 1, failed: 0, cancelled: 0)], "the step")
        },
    ]
}
