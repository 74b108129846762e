import MartletCore

extension Check {
    static let triggers: [Check] = [
        Check("a trigger is kept as it was put, and forgotten when it is removed") { scene in
            let trigger = scene.everyMinute(overlap: .queue) { $0.jitter = .seconds(5) }
            let state = try await scene.store.put(trigger, named: "t")
            let expected = TriggerState(
                name: "t", trigger: trigger, revision: 1, nextSlot: nil, lastSlot: nil, createdAt: scene.clock.now())
            try scene.same(state, expected, "the answer")
            try scene.same(try await scene.store.overview().triggers, [expected], "triggers")
            try scene.same(try await scene.store.put(nil, named: "t"), nil, "the answer to a removal")
            try scene.same(try await scene.store.put(nil, named: "never"), nil, "the answer to a removal of nothing")
            try scene.same(try await scene.store.overview().triggers, [], "triggers")
        },
        Check("a trigger that is replaced keeps its slots where its schedule is the same", 6) { scene in
            let slot = scene.clock.now()
            _ = try await scene.store.put(scene.everyMinute(), named: "t")
            try await scene.plant("t", slot)
            scene.clock.advance(by: .seconds(1))
            let same = try await scene.store.put(scene.everyMinute(overlap: .cancel) { $0.isPaused = true }, named: "t")
            try scene.same([same?.revision], [2], "revision")
            try scene.same(same?.nextSlot, slot, "next slot")
            try scene.same(same?.createdAt, slot, "createdAt")
            let other = try await scene.store.put(
                Trigger(.every(.seconds(61), offset: .zero), job: JobTemplate(kind: "work")), named: "t")
            try scene.same([other?.revision], [3], "revision")
            try scene.same(other?.nextSlot, nil, "next slot")
        },
        Check("a slot is fired once", 6) { scene in
            _ = try await scene.store.put(scene.everyMinute(), named: "t")
            let slot = scene.clock.now()
            try await scene.plant("t", slot)
            let plan = scene.plan("t", slot)
            guard case .fired(let made) = try await scene.store.fire(plan), case .accepted(let record)?? = made.first else {
                throw Violation("the slot was not fired")
            }
            try scene.same(record.trigger, "t", "trigger")
            try scene.same(record.key, "t@\(slot)", "key")
            try scene.same(try await scene.store.fire(plan), .stale, "the second fire")
            let state = try await scene.store.overview().triggers.first
            try scene.same(state?.nextSlot, slot + .seconds(60), "next slot")
            try scene.same(state?.lastSlot, slot, "last slot")
            try scene.same(try await scene.everyJob().count, 1, "jobs")
        },
        Check("of many nodes that fire one slot, one does", 6) { scene in
            _ = try await scene.store.put(scene.everyMinute(), named: "t")
            let slot = scene.clock.now()
            try await scene.plant("t", slot)
            let fired = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    let plan = scene.plan("t", slot)
                    group.addTask {
                        if case .fired = try await scene.store.fire(plan) { 1 } else { 0 }
                    }
                }
                return try await group.reduce(0, +)
            }
            try scene.same(fired, 1, "fires")
            try scene.same(try await scene.everyJob().count, 1, "jobs")
        },
        Check("a slot made a second time by a trigger that was put anew is the same job", 6) { scene in
            _ = try await scene.store.put(scene.everyMinute(), named: "t")
            let slot = scene.clock.now()
            try await scene.plant("t", slot)
            _ = try await scene.store.fire(scene.plan("t", slot))
            try await scene.finishAll()
            _ = try await scene.store.put(nil, named: "t")
            _ = try await scene.store.put(scene.everyMinute(), named: "t")
            try await scene.plant("t", slot)
            guard case .fired(let made) = try await scene.store.fire(scene.plan("t", slot)), case .duplicate?? = made.first else {
                throw Violation("the slot made another job")
            }
            try scene.same(try await scene.everyJob().count, 1, "jobs")
        },
        Check("a slot that has not come in the store's time is not fired", 6) { scene in
            _ = try await scene.store.put(scene.everyMinute(), named: "t")
            let slot = scene.clock.now() + .seconds(5)
            try await scene.plant("t", slot)
            try scene.same(try await scene.store.fire(scene.plan("t", slot)), .early(by: .seconds(5)), "the answer")
            try scene.same(try await scene.everyJob().count, 0, "jobs")
            scene.clock.advance(by: .seconds(5))
            guard case .fired = try await scene.store.fire(scene.plan("t", slot)) else { throw Violation("the slot has come") }
        },
        Check("a plan made against an older trigger, or a paused one, is stale", 6) { scene in
            _ = try await scene.store.put(scene.everyMinute(), named: "t")
            let slot = scene.clock.now()
            try await scene.plant("t", slot)
            var plan = scene.plan("t", slot)
            plan.revision = 2
            try scene.same(try await scene.store.fire(plan), .stale, "another revision")
            try scene.same(try await scene.store.fire(scene.plan("t", slot + .seconds(60))), .stale, "another slot")
            try scene.same(try await scene.store.fire(scene.plan("t", nil)), .stale, "no slot")
            _ = try await scene.store.put(scene.everyMinute { $0.isPaused = true }, named: "t")
            try scene.same(try await scene.store.fire(plan), .stale, "a paused trigger")
            let gone = scene.plan("gone", slot)
            let error = try await scene.refusal("the fire") { () throws(StoreError) in try await scene.store.fire(gone) }
            guard case .notFound = error else { throw Violation("\(error), should be notFound") }
        },
        Check("a plan may fire several slots that were missed, and none", 6) { scene in
            _ = try await scene.store.put(scene.everyMinute(overlap: .queue), named: "t")
            let slot = scene.clock.now()
            try await scene.plant("t", slot)
            scene.clock.advance(by: .seconds(125))
            var plan = scene.plan("t", slot)
            plan.firing += [60, 120].map { .init(slot: slot + .seconds($0), job: scene.job()) }
            plan.next = slot + .seconds(180)
            guard case .fired(let made) = try await scene.store.fire(plan) else { throw Violation("not fired") }
            try scene.same(made.count, 3, "answers")
            let state = try await scene.store.overview().triggers.first
            try scene.same(state?.lastSlot, slot + .seconds(120), "last slot")
            var none = FirePlan(trigger: "t", revision: 1, slot: plan.next, next: slot + .seconds(240), firing: [])
            try scene.same(try await scene.store.fire(none), .fired([]), "a plan without jobs")
            none.slot = none.next
            none.next = nil
            try scene.same(try await scene.store.fire(none), .fired([]), "the last plan")
            try scene.same(try await scene.store.overview().triggers.first?.nextSlot, nil, "next slot after the last")
        },
        Check("a faulty job of a trigger is refused by itself", 11) { scene in
            _ = try await scene.store.put(scene.everyMinute(), named: "t")
            let slot = scene.clock.now()
            try await scene.plant("t", slot)
            var plan = scene.plan("t", slot)
            plan.firing[0].job.kind = ""
            plan.firing.append(.init(slot: slot, job: scene.job()))
            guard case .fired(let made) = try await scene.store.fire(plan), case .refused?? = made.first, case .accepted?? = made.last else {
                throw Violation("not fired as planned")
            }
        },
    ]
}

extension Scene {
    func everyMinute(overlap: Trigger.Overlap = .skip, _ shape: (inout Trigger) -> Void = { _ in }) -> Trigger {
        var trigger = Trigger(.every(.seconds(60), offset: .zero), overlap: overlap, job: JobTemplate(kind: "work"))
        shape(&trigger)
        return trigger
    }

    /// Gives a new trigger its first slot.
    func plant(_ trigger: String, _ slot: Timestamp) async throws {
        let answer = try await store.fire(FirePlan(trigger: trigger, revision: 1, slot: nil, next: slot, firing: []))
        try same(answer, .fired([]), "the first slot")
    }

    /// Fires `slot`, and moves on by a minute.
    func plan(_ trigger: String, _ slot: Timestamp?, revision: Int = 1) -> FirePlan {
        let at = slot ?? clock.now()
        return FirePlan(
            trigger: trigger, revision: revision, slot: slot, next: at + .seconds(60), firing: [.init(slot: at, job: job())])
    }

    /// Fires the slot, whose job must be taken or dropped; answers what became of it.
    func fire(_ trigger: String, _ slot: inout Timestamp) async throws -> Enqueued? {
        guard case .fired(let made) = try await store.fire(plan(trigger, slot)) else { throw Violation("slot \(slot) was not fired") }
        slot = slot + .seconds(60)
        clock.advance(by: .seconds(60))
        return made.first ?? nil
    }
}
