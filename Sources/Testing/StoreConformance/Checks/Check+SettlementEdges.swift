import MartletCore

extension Check {
    private static let failure = Failure(kind: "boom", message: "it broke")

    /// What a settlement brings along, and what of it is refused.
    static let settlementEdges: [Check] = [
        Check("outcome, steps, events and children become visible together", 9) { scene in
            let job = try await scene.start(scene.job())
            let children = [scene.job("child"), scene.job("child")]
            try await scene.end(
                job, .released, steps: [NewStep(name: "s", result: 1)],
                events: [NewEvent(stream: "a", type: "x", data: 1), NewEvent(stream: "a", type: "y", data: 2)], children: children)
            try scene.same(try await scene.detail(job.job.id).steps.map(\.name), ["s"], "steps")
            let page = try await scene.store.read("a", after: 0, limit: 10)
            try scene.same(page.events.map(\.type), ["x", "y"], "events")
            for child in children { try scene.same(try await scene.record(child.id).phase, .ready, "a child") }
        },
        Check("a settlement with one bad part leaves no trace of the others", 9, 11) { scene in
            let taken = try await scene.accept(scene.job { $0.key = IdempotencyKey("taken") })
            let job = try await scene.start(scene.job("work") { $0.priority = .urgent })
            let before = try await scene.detail(job.job.id)
            let good = Settlement(
                job.lease, .succeeded(result: nil), steps: [NewStep(name: "s", result: 1)],
                events: [NewEvent(stream: "a", type: "x", data: 1)], children: [scene.job("child") { $0.key = IdempotencyKey("c") }],
                progress: Progress(fraction: 1))
            let faults: [(inout Settlement) -> Void] = [
                { $0.steps.append(NewStep(name: "", result: 1)) }, { $0.steps.append(NewStep(name: "big", result: scene.oversized)) },
                { $0.events.append(NewEvent(stream: "", type: "x", data: 1)) },
                { $0.events.append(NewEvent(stream: "a", type: "x", data: scene.oversized)) },
                { $0.children.append(scene.job("")) },
                { $0.children.append(scene.job("child") { $0.key = IdempotencyKey("taken", conflict: .reject) }) },
                { $0.children.append(scene.job("child") { $0.id = taken.id }) },
                { $0.disposition = .succeeded(result: scene.oversized) },
                { $0.disposition = .waiting(Wait(.turn(trigger: "t"), step: nil)) },
            ]
            for (index, fault) in faults.enumerated() {
                var bad = good
                fault(&bad)
                let answer = try await scene.settle(bad)
                guard case .refused(let error) = answer, !error.isTransient else { throw Violation("fault \(index) was answered \(answer)") }
                try scene.same(try await scene.detail(job.job.id), before, "the job after fault \(index)")
                try scene.same(try await scene.everyJob().count, 2, "jobs after fault \(index)")
                try scene.same(try await scene.store.read("a", after: 0, limit: 1).last, 0, "events after fault \(index)")
            }
            try await scene.accept(scene.job("other") { $0.key = IdempotencyKey("c", conflict: .reject) })
        },
        Check("one settlement that is refused holds back no other", 11) { scene in
            try await scene.accept(scene.jobs(4))
            let jobs = try await scene.claim()
            try scene.same(jobs.count, 4, "jobs handed out")
            var batch = jobs.map { Settlement($0.lease, .succeeded(result: nil)) }
            batch[1].steps = [NewStep(name: "", result: 1)]
            batch[2].lease = Lease(job: try jobs.at(2).job.id, epoch: 9)
            let answers = try await scene.store.settle(batch)
            try scene.same(try answers.at(0), .settled(.finished, .succeeded), "the first")
            guard case .refused(.invalid) = try answers.at(1) else { throw Violation("\(answers)") }
            try scene.same(try answers.at(2), .refused(.leaseLost(batch[2].lease)), "the third")
            try scene.same(try answers.at(3), .settled(.finished, .succeeded), "the fourth")
        },
        Check("a child that is there already is fine", 9) { scene in
            let child = scene.job("child")
            try await scene.accept(child)
            let job = try await scene.start(scene.job { $0.priority = .urgent })
            try await scene.end(job, children: [child, scene.job("child")])
            try scene.same(try await scene.everyJob().count, 3, "jobs")
        },
        Check("a step that is done is not overwritten by a settlement", 4) { scene in
            let job = try await scene.start(scene.job())
            _ = try await scene.store.record([NewStep(name: "s", result: 1)], under: job.lease)
            try await scene.end(job, .released, steps: [NewStep(name: "s", result: 2), NewStep(name: "t", result: 3)])
            try scene.same(try await scene.detail(job.job.id).steps.map(\.result.text), ["1", "3"], "results")
        },
        Check("a job that was asked to stop is cancelled in place of going on") { scene in
            let ends: [Settlement.Disposition] = [
                .failed(failure, retryAfter: .seconds(1)), .snoozed(for: .seconds(1)), .released,
                .waiting(Wait(.event(stream: "s", type: "e", after: 0), step: "w")), .waiting(Wait(.children(group: "g"), step: "w")),
            ]
            for end in ends {
                let job = try await scene.start(scene.job { $0.key = IdempotencyKey("k") })
                _ = try await scene.store.cancel(job.job.id)
                try scene.same(try await scene.settle(Settlement(job.lease, end)), .settled(.finished, .cancelled), "the answer to \(end)")
            }
        },
        Check("a job that was asked to stop may still succeed or fail") { scene in
            let ends: [(Settlement.Disposition, Outcome)] = [
                (.succeeded(result: nil), .succeeded), (.failed(failure, retryAfter: nil), .failed), (.cancelled(reason: nil), .cancelled),
            ]
            for (end, outcome) in ends {
                let job = try await scene.start(scene.job())
                _ = try await scene.store.cancel(job.job.id)
                try scene.same(try await scene.settle(Settlement(job.lease, end)), .settled(.finished, outcome), "the answer")
            }
        },
        Check("a settlement's events let waiters go and fire triggers", 9) { scene in
            let waiter = try await scene.start(scene.job())
            try await scene.end(waiter, .waiting(Wait(.event(stream: "s", type: "e", after: 0), step: "w")))
            _ = try await scene.store.put(
                Trigger(.topic(stream: "s", filter: EventFilter()), job: JobTemplate(kind: "triggered")), named: "t")
            let job = try await scene.start(scene.job())
            try await scene.end(job, events: [NewEvent(stream: "s", type: "e", data: 7)])
            try scene.same(try await scene.record(waiter.job.id).phase, .ready, "the waiter")
            try scene.same(try await scene.everyJob().filter { $0.trigger == "t" }.map(\.kind), ["triggered"], "jobs of the trigger")
        },
        Check("more settlements than a batch are refused as a whole", 11) { scene in
            let batch = Array(repeating: Settlement(Lease(job: scene.id(), epoch: 1), .released), count: Limits.batch + 1)
            let error = try await scene.refusal("too large a batch") { () throws(StoreError) in try await scene.store.settle(batch) }
            guard case .invalid = error else { throw Violation("\(error), should be invalid") }
        },
    ]
}

extension NewEvent {
    init(stream: String, type: String, data: Int) {
        self.init(stream: stream, type: type, data: Payload(.integer(data)))
    }
}
