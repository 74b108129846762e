import MartletCore

extension Check {
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
