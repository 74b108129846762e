/// Which slots of a trigger are due and what becomes of them, as a pure function: every node that looks at the same state at the same
/// time makes the same plan but for the ids, and the store lets one of them through.
public enum SlotPlanner {
    /// A slot that passed at most this long ago counts as on time rather than missed: long enough for a restart or a failover of the
    /// node that would have fired it, and not longer than the minute in which people who write cron expressions think.
    public static let onTime: Duration = .seconds(60)

    /// Slots fired by one plan; more are left to the next.
    public static let firingsMax = 1000

    /// How long a slot's key stays taken. A slot is fired once by the compare-and-set of the trigger's next slot; the key still holds
    /// where somebody removes the trigger and puts it back.
    static let keyWindow: Duration = .seconds(86_400)

    /// What to ask of `Store.fire` now; `nil` where there is nothing to do: the next slot lies ahead, the trigger is paused or waits for
    /// events, its schedule never comes again, or its zone is not known here (see `Trigger.fault`).
    ///
    /// A trigger without a next slot (new, or its schedule was changed) gets the first one after `now`, and no job.
    /// - Parameter now: the store's time.
    public static func plan(state: TriggerState, now: Timestamp, makeID: () -> JobID) -> FirePlan? {
        guard !state.trigger.isPaused, let slots = Slots(state.trigger.schedule) else { return nil }
        guard let slot = state.nextSlot else {
            return slots.next(after: now).map {
                FirePlan(trigger: state.name, revision: state.revision, slot: nil, next: $0, firing: [])
            }
        }
        guard slot <= now else { return nil }
        let (due, next) = due(from: slot, now, slots, state.trigger.missed)
        let firing = due.map { FirePlan.Firing(slot: $0, job: job(of: state, slot: $0, id: makeID())) }
        return FirePlan(trigger: state.name, revision: state.revision, slot: slot, next: next, firing: firing)
    }

    /// The first slot after `time`; `nil` for a topic or a schedule that never comes again.
    public static func next(_ schedule: Trigger.Schedule, after time: Timestamp) -> Timestamp? {
        Slots(schedule)?.next(after: time)
    }

    /// The next `count` slots after `time`, oldest first; empty for a topic.
    public static func upcoming(_ schedule: Trigger.Schedule, after time: Timestamp, count: Int) -> [Timestamp] {
        guard let slots = Slots(schedule) else { return [] }
        var upcoming: [Timestamp] = []
        while upcoming.count < count, let next = slots.next(after: upcoming.last ?? time) { upcoming.append(next) }
        return upcoming
    }

    /// The slots to fire, oldest first, and the one that comes after them.
    private static func due(
        from slot: Timestamp, _ now: Timestamp, _ slots: Slots, _ missed: Trigger.Missed
    ) -> (firing: [Timestamp], next: Timestamp?) {
        switch missed {
        case .last:
            let last = slots.last(notAfter: now, from: slot)
            return ([last], slots.next(after: last))
        case .skip:
            let earliest = now - onTime
            let first = slot >= earliest ? slot : slots.next(after: earliest - .microseconds(1))
            return run(from: first, until: now, slots)
        case .all: return run(from: slot, until: now, slots)
        }
    }

    private static func run(from first: Timestamp?, until now: Timestamp, _ slots: Slots) -> (firing: [Timestamp], next: Timestamp?) {
        var firing: [Timestamp] = []
        var next = first
        while let slot = next, slot <= now, firing.count < firingsMax {
            firing.append(slot)
            next = slots.next(after: slot)
        }
        return (firing, next)
    }

    private static func job(of state: TriggerState, slot: Timestamp, id: JobID) -> NewJob {
        var job = state.trigger.job.job(id: id)
        job.trigger = state.name
        job.due = .at(slot + state.trigger.delay(name: state.name, slot: slot))
        job.key = IdempotencyKey("\(state.name)@\(slot)", scope: .window(keyWindow))
        return job
    }
}
