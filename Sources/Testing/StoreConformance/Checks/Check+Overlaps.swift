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

    static let topics: [Check] = [
        Check("an event makes a job of each trigger that wants it, with the event in its payload", 9) { scene in
            let wanted = EventFilter(type: "push", fields: ["repository.name": "martlet"])
            _ = try await scene.store.put(scene.topic(wanted) { $0.job.payload = Payload(["x": 1]) }, named: "b")
            _ = try await scene.store.put(scene.topic(EventFilter()) { $0.job.payload = Payload([1]) }, named: "a")
            _ = try await scene.store.put(scene.topic(EventFilter(type: "pull")), named: "c")
            _ = try await scene.store.put(scene.topic(EventFilter()) { $0.isPaused = true }, named: "d")
            let data = Payload(["repository": ["name": "martlet"], "n": 7])
            try await scene.append("push", to: "hooks", data)
            try await scene.append("push", to: "other", data)
            let event = Event(stream: "hooks", sequence: 1, at: scene.clock.now(), type: "push", data: data)
            let made = try await scene.everyJob().sorted { $0.trigger ?? "" < $1.trigger ?? "" }
            try scene.same(made.map(\.trigger), ["a", "b"], "triggers that fired")
            try scene.same(
                made.map(\.payload), [Payload(["payload": [1], "event": event.json]), Payload(["x": 1, "event": event.json])], "payloads")
            try await scene.append("push", to: "hooks", Payload(["repository": ["name": "other"]]))
            try scene.same(try await scene.everyJob().filter { $0.trigger == "b" }.count, 1, "jobs of the trigger with a filter")
        },
        Check("a topic's jobs keep to its overlap policy") { scene in
            _ = try await scene.store.put(scene.topic(EventFilter()), named: "skip")
            _ = try await scene.store.put(scene.topic(EventFilter()) { $0.overlap = .queue }, named: "queue")
            for _ in 0..<3 { try await scene.append("e", to: "hooks") }
            let made = try await scene.everyJob()
            try scene.same(made.count { $0.trigger == "skip" }, 1, "jobs of the one that skips")
            try scene.same(made.count { $0.trigger == "queue" && $0.phase == .waiting }, 2, "jobs that wait for their turn")
            try await scene.finishAll()
            try scene.same(try await scene.everyJob().count { $0.outcome == .succeeded }, 4, "jobs done")
        },
        Check("a topic's jobs are spread by its jitter") { scene in
            let trigger = scene.topic(EventFilter()) { $0.jitter = .seconds(600) }
            _ = try await scene.store.put(trigger, named: "t")
            try await scene.append("e", to: "hooks")
            let delay = trigger.delay(name: "t", slot: scene.clock.now())
            try scene.same(try await scene.everyJob().first?.dueAt, scene.clock.now() + delay, "dueAt")
        },
        Check("a topic that is removed or moved makes no more jobs") { scene in
            _ = try await scene.store.put(scene.topic(EventFilter()), named: "removed")
            _ = try await scene.store.put(scene.topic(EventFilter()), named: "moved")
            _ = try await scene.store.put(nil, named: "removed")
            _ = try await scene.store.put(
                Trigger(.topic(stream: "elsewhere", filter: EventFilter()), job: JobTemplate(kind: "work")), named: "moved")
            try await scene.append("e", to: "hooks")
            try scene.same(try await scene.everyJob().count, 0, "jobs")
            try await scene.append("e", to: "elsewhere")
            try scene.same(try await scene.everyJob().map(\.trigger), ["moved"], "triggers that fired")
        },
    ]
}

extension Scene {
    func topic(_ filter: EventFilter, _ shape: (inout Trigger) -> Void = { _ in }) -> Trigger {
        var trigger = Trigger(.topic(stream: "hooks", filter: filter), job: JobTemplate(kind: "work"))
        shape(&trigger)
        return trigger
    }
}
