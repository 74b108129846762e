import MartletCore

/// Triggers with their coming slots.
struct TriggersView: PageView {
    /// A trigger and its newest jobs.
    typealias Entry = (state: TriggerState, recent: [JobRecord])

    let entries: [Entry]
    /// From where the next page goes on, by name.
    let next: String?
    let now: Timestamp
    let example: ExampleCommand

    static let template = "triggers"
    static let pageSize = 20
    static let recentMax = 5
    private static let slotsShown = 5
    let title = "Triggers"
    let section = "/triggers"
    let refreshSeconds: Int? = 5

    private var time: TimeText { TimeText(now: now) }

    var values: PageValues {
        [
            "hasTriggers": !entries.isEmpty, "triggers": entries.enumerated().map { values($1, at: $0) }, "exampleTrigger": example.putTrigger,
            "moreHref": next.map { "/triggers?after=\(PageLink.encode($0))" }.orFalse,
        ]
    }

    private func values(_ entry: Entry, at index: Int) -> PageValues {
        let (state, trigger) = (entry.state, entry.state.trigger)
        let verb = trigger.isPaused ? "Resume" : "Pause"
        let zone = ScheduleText.zone(trigger.schedule)
        return [
            "triggerName": state.name, "triggerAnchor": "trigger-\(index)", "triggerPaused": trigger.isPaused, "triggerVerb": verb,
            "triggerAction": PageLink.triggerAction(state.name, trigger.isPaused ? "resume" : "pause"),
            "triggerSchedule": ScheduleText.text(trigger.schedule), "triggerZone": zone.orFalse, "triggerKind": trigger.job.kind,
            "triggerQueue": trigger.job.queue, "triggerQueueHref": PageLink.queue(trigger.job.queue), "triggerPolicy": ScheduleText.policy(trigger),
            "slotsZone": zone.flatMap { $0 == "UTC" ? nil : $0 }.orFalse, "triggerLast": time.values(state.lastSlot),
            "triggerJobsHref": PageLink.jobs([("trigger", state.name)]),
            "triggerRecent": entry.recent.map(recent),
        ].merging(slots(state, zone)) { $1 }
    }

    private func slots(_ state: TriggerState, _ zone: String?) -> PageValues {
        let trigger = state.trigger
        if case .topic = trigger.schedule { return ["hasSlots": false, "slotsNote": "It fires with each event that matches.", "slots": false] }
        if trigger.isPaused { return ["hasSlots": false, "slotsNote": "It is paused: slots that come now make no job.", "slots": false] }
        let coming = SlotPlanner.upcoming(trigger.schedule, after: now, count: Self.slotsShown)
        let clock = zone.flatMap { $0 == "UTC" ? nil : ZoneClock($0) }
        return [
            "hasSlots": !coming.isEmpty, "slotsNote": "Its schedule never comes again, or its zone is not known here.",
            "slots": coming.map { slot -> PageValues in
                let utc = ZoneClock.stamp(slot)
                return ["slotTime": time.values(slot), "slotLocal": (clock?.text(slot)).orFalse, "slotUTC": utc]
            },
        ]
    }

    private func recent(_ job: JobRecord) -> PageValues {
        var values: PageValues = ["recentHref": PageLink.job(job.id), "recentTitle": "Made \(time.relative(job.createdAt))"]
        values.merge(JobState(job, time).values) { $1 }
        return values
    }
}
