extension MemoryState {
    mutating func put(_ trigger: Trigger?, named name: String, at now: Timestamp) throws(StoreError) -> TriggerState? {
        if name.isEmpty { throw .invalid(field: "trigger", reason: "must not be empty") }
        if let reason = NewJob.nameFault(name) { throw .invalid(field: "trigger", reason: reason) }
        let old = triggers[name]
        if case .topic(let stream, _) = old?.trigger.schedule { topics[stream]?.remove(name) }
        guard let trigger else {
            triggers[name] = nil
            return nil
        }
        let state = TriggerState(putting: trigger, named: name, over: old, at: now)
        triggers[name] = state
        if case .topic(let stream, _) = trigger.schedule { topics[stream, default: SortedSet()].insert(name) }
        changes.work = true
        return state
    }

    mutating func fire(_ plan: FirePlan, at now: Timestamp) throws(StoreError) -> FireResult {
        guard let state = triggers[plan.trigger] else { throw .notFound("trigger '\(plan.trigger)'") }
        guard state.revision == plan.revision, state.nextSlot == plan.slot, !state.trigger.isPaused else { return .stale }
        if let early = plan.firing.first(where: { $0.slot > now }) { return .early(by: early.slot - now) }
        // Invariant 6: the slot moves in the same step, so nobody else finds it where it was.
        triggers[plan.trigger]?.nextSlot = plan.next
        if let last = plan.firing.last { triggers[plan.trigger]?.lastSlot = last.slot }
        return .fired(
            plan.firing.map { firing in
                var job = firing.job
                job.history = nil
                job.trigger = plan.trigger
                if job.key == nil { job.key = IdempotencyKey("\(plan.trigger)@\(firing.slot)", scope: .window(.seconds(86_400))) }
                return place(job, state.trigger.overlap, at: now)
            })
    }

    /// Enqueues a trigger's job under its overlap policy; `nil` where that drops it.
    @discardableResult
    mutating func place(_ job: NewJob, _ overlap: Trigger.Overlap, at now: Timestamp) -> Enqueued? {
        guard let trigger = job.trigger, let earlier = indexes.triggers[trigger]?.unfinished else {
            return accept(job, at: now, isAdmitted: true)
        }
        switch overlap {
        case .skip: return nil
        case .queue: return accept(job, at: now, isAdmitted: true, wait: Wait(.turn(trigger: trigger), step: nil))
        case .cancel:
            for id in earlier {
                if let record = jobs[id]?.record { stop(record, at: now) }
            }
            return accept(job, at: now, isAdmitted: true)
        }
    }
}
