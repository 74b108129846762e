import Database
import MartletCore

extension Transition {
    static let triggerColumns = "name, definition, revision, next_slot, last_slot, created"
    private static let triggerByName = Query("SELECT \(triggerColumns) FROM triggers WHERE name = ?")
    private static let topicTriggers = Query("SELECT \(triggerColumns) FROM triggers WHERE topic IS NOT NULL ORDER BY name")
    private static let saveTrigger = Query(
        """
        INSERT OR REPLACE INTO triggers (name, definition, topic, revision, next_slot, last_slot, created) VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
    private static let moveSlots = Query("UPDATE triggers SET next_slot = ?, last_slot = coalesce(?, last_slot) WHERE name = ?")
    private static let removeTrigger = Query("DELETE FROM triggers WHERE name = ?")

    func put(_ trigger: Trigger?, named name: String) throws -> TriggerState? {
        if name.isEmpty { throw StoreError.invalid(field: "trigger", reason: "must not be empty") }
        if let reason = NewJob.nameFault(name) { throw StoreError.invalid(field: "trigger", reason: reason) }
        let old = try self.trigger(named: name)
        guard let trigger else {
            try connection.prepare(Self.removeTrigger).bind(name).run()
            try loadTopics()
            return nil
        }
        let state = TriggerState(putting: trigger, named: name, over: old, at: now)
        let statement = try connection.prepare(Self.saveTrigger).bind(name).bind(TriggerCoding.encode(trigger).utf8)
        if case .topic(let stream, _) = trigger.schedule { statement.bind(stream) } else { statement.bindNull() }
        statement.bind(state.revision).bind(state.nextSlot).bind(state.lastSlot).bind(state.createdAt)
        try statement.run()
        try loadTopics()
        touchWork()
        return state
    }

    func fire(_ plan: FirePlan) throws -> FireResult {
        guard let state = try trigger(named: plan.trigger) else { throw StoreError.notFound("trigger '\(plan.trigger)'") }
        guard state.revision == plan.revision, state.nextSlot == plan.slot, !state.trigger.isPaused else { return .stale }
        if let early = plan.firing.first(where: { $0.slot > now }) { return .early(by: early.slot - now) }
        // Invariant 6: the slot moves in the same transaction, so nobody else finds it where it was.
        try connection.prepare(Self.moveSlots).bind(plan.next).bind(plan.firing.last?.slot).bind(plan.trigger).run()
        return .fired(
            try plan.firing.map { firing in
                var job = firing.job
                job.history = nil
                job.trigger = plan.trigger
                if job.key == nil { job.key = IdempotencyKey("\(plan.trigger)@\(firing.slot)", scope: .window(.seconds(86_400))) }
                return try place(job, state.trigger.overlap)
            })
    }

    /// Enqueues a trigger's job under its overlap policy; `nil` where that drops it.
    func place(_ job: NewJob, _ overlap: Trigger.Overlap) throws -> Enqueued? {
        let earlier = try job.trigger.map { try idsMarked(.openOfTrigger, $0) } ?? []
        guard !earlier.isEmpty, let trigger = job.trigger else { return try accept(job, isAdmitted: true) }
        switch overlap {
        case .skip: return nil
        case .queue: return try accept(job, isAdmitted: true, wait: Wait(.turn(trigger: trigger), step: nil))
        case .cancel:
            for id in earlier {
                if let row = try current(id) { try stop(row) }
            }
            return try accept(job, isAdmitted: true)
        }
    }

    func loadTopics() throws {
        ledger.topics = [:]
        for state in try connection.prepare(Self.topicTriggers).map(TriggerState.init) {
            if case .topic(let stream, _) = state.trigger.schedule { ledger.topics[stream, default: []].append(state) }
        }
    }

    private func trigger(named name: String) throws -> TriggerState? {
        try connection.prepare(Self.triggerByName).bind(name).first(TriggerState.init)
    }
}
