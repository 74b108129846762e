import MartletCore

extension Check {
    private static func forGroup(_ group: String, deadline: Duration? = nil) -> Settlement.Disposition {
        .waiting(Wait(.children(group: group), step: "w", deadline: deadline))
    }

    static let children: [Check] = [
        Check("a parent waits until the last of the group is finished, and learns how each ended", 9, 10) { scene in
            let parent = try await scene.start(scene.job())
            let group = NewJob.Parent(job: parent.job.id, group: "g")
            let other = scene.job("later") { $0.parent = NewJob.Parent(job: parent.job.id, group: "other") }
            try await scene.end(parent, forGroup("g"), children: scene.jobs(4) { $0.parent = group } + [other])
            let ends: [Settlement.Disposition] = [
                .succeeded(result: nil), .failed(Failure(kind: "x", message: ""), retryAfter: nil), .cancelled(reason: nil),
                .succeeded(result: nil),
            ]
            for end in ends {
                try scene.same(try await scene.record(parent.job.id).phase, .waiting, "the parent's phase")
                try await scene.end(try await scene.claimOne(kinds: ["work"]), end)
            }
            let again = try await scene.claim(1)
            try scene.same(again.map(\.job.id), [parent.job.id], "who is due")
            try scene.same(
                again[0].steps.map { WaitResult($0.result) }, [.children(succeeded: 2, failed: 1, cancelled: 1)], "the step")
        },
        Check("a parent whose children are finished, or that has none, does not wait", 10) { scene in
            let parent = try await scene.start(scene.job())
            let child = scene.job { $0.parent = NewJob.Parent(job: parent.job.id, group: "g") }
            try await scene.accept(child)
            try await scene.end(try await scene.claimOne())
            try scene.same(try await scene.settle(Settlement(parent.lease, forGroup("g"))), .settled(.ready, nil), "the answer")
            let again = try await scene.claimOne()
            let counts = WaitResult.children(succeeded: 1, failed: 0, cancelled: 0)
            try scene.same(again.steps.map { WaitResult($0.result) }, [counts], "the step")
            let none = try await scene.settle(Settlement(again.lease, .waiting(Wait(.children(group: "none"), step: "n"))))
            try scene.same(none, .settled(.ready, nil), "the answer for an empty group")
        },
        Check("children that are cancelled, quarantined or late let their parent go like any others", 10) { scene in
            let parent = try await scene.start(scene.job())
            let group = NewJob.Parent(job: parent.job.id, group: "g")
            let cancelled = scene.job { $0.parent = group }
            let late = scene.job {
                $0.parent = group
                $0.queueTimeout = .seconds(1)
            }
            let crashing = scene.job("crash") { $0.parent = group }
            try await scene.end(parent, forGroup("g"), children: [cancelled, late, crashing])
            _ = try await scene.store.cancel(cancelled.id)
            for node in ["n1", "n2", "n3"] {
                _ = try await scene.claim(node: node, kinds: ["crash"])
                scene.clock.advance(by: .seconds(11))
            }
            let again = try await scene.claimOne()
            let counts = WaitResult.children(succeeded: 0, failed: 2, cancelled: 1)
            try scene.same(again.steps.map { WaitResult($0.result) }, [counts], "the step")
        },
        Check("a child that is retried is not finished") { scene in
            let parent = try await scene.start(scene.job())
            let child = scene.job { $0.parent = NewJob.Parent(job: parent.job.id, group: "g") }
            try await scene.end(parent, forGroup("g"), children: [child])
            try await scene.end(try await scene.claimOne(), .failed(Failure(kind: "x", message: ""), retryAfter: .seconds(1)))
            try scene.same(try await scene.record(parent.job.id).phase, .waiting, "the parent's phase")
        },
        Check("a deadline ends a wait for children", 10) { scene in
            let parent = try await scene.start(scene.job())
            let child = scene.job("child") { $0.parent = NewJob.Parent(job: parent.job.id, group: "g") }
            try await scene.end(parent, forGroup("g", deadline: .seconds(5)), children: [child])
            scene.clock.advance(by: .seconds(5))
            let again = try await scene.claim()
            try scene.same(again.flatMap { $0.steps.map { WaitResult($0.result) } }, [.deadline], "the step")
            try await scene.end(again[0])
            try await scene.finishAll()
            try scene.same(try await scene.record(parent.job.id).phase, .finished, "the parent's phase")
        },
        Check("a cancelled parent is not woken by its children", 3) { scene in
            let parent = try await scene.start(scene.job())
            let child = scene.job { $0.parent = NewJob.Parent(job: parent.job.id, group: "g") }
            try await scene.end(parent, forGroup("g"), children: [child])
            _ = try await scene.store.cancel(parent.job.id)
            try await scene.finishAll()
            try scene.same(try await scene.record(parent.job.id).outcome, .cancelled, "the parent's outcome")
            try scene.same(try await scene.detail(parent.job.id).steps, [], "its steps")
        },
        Check("a revived child is waited for again") { scene in
            let parent = try await scene.start(scene.job())
            let child = scene.job { $0.parent = NewJob.Parent(job: parent.job.id, group: "g") }
            try await scene.accept(child)
            try await scene.end(try await scene.claimOne())
            _ = try await scene.store.revive(child.id)
            try scene.same(try await scene.settle(Settlement(parent.lease, forGroup("g"))), .settled(.waiting, nil), "the answer")
            try await scene.end(try await scene.claimOne())
            try scene.same(try await scene.record(parent.job.id).phase, .ready, "the parent's phase")
        },
        Check("a hundred thousand children let their parent go once", 9, 10, isSlow: true) { scene in
            var parent = try await scene.start(scene.job("parent"))
            let group = NewJob.Parent(job: parent.job.id, group: "g")
            for _ in 0..<10 {
                try await scene.end(parent, .released, children: scene.jobs(10_000) { $0.parent = group })
                parent = try await scene.claimOne(kinds: ["parent"])
            }
            try await scene.end(parent, forGroup("g"))
            var finished = 0
            while true {
                let claimed = try await scene.claim(5000)
                if claimed.isEmpty { break }
                try scene.same(try await scene.record(parent.job.id).phase, .waiting, "the parent's phase")
                _ = try await scene.store.settle(claimed.map { Settlement($0.lease, .succeeded(result: nil)) })
                finished += claimed.count
            }
            try scene.same(finished, 100_000, "children finished")
            let again = try await scene.claim(kinds: ["parent"])
            let counts = WaitResult.children(succeeded: 100_000, failed: 0, cancelled: 0)
            try scene.same(again.flatMap { $0.steps.map { WaitResult($0.result) } }, [counts], "the step")
        },
    ]
}
