import MartletCore

extension JSONWriter {
    /// - Parameter now: from where the coming slots are counted.
    mutating func trigger(_ state: TriggerState, now: Timestamp) {
        let trigger = state.trigger
        beginObject()
        member("name", state.name)
        schedule(trigger.schedule)
        member("overlap", trigger.overlap.rawValue)
        member("missed", trigger.missed.rawValue)
        member("jitter", trigger.jitter)
        member("paused", trigger.isPaused)
        template(trigger.job)
        member("revision", state.revision)
        member("next_slot", state.nextSlot)
        member("last_slot", state.lastSlot)
        member("created_at", state.createdAt)
        array("next", SlotPlanner.upcoming(trigger.schedule, after: now, count: Self.slotsShown)) { $0.value($1) }
        endObject()
    }

    private static var slotsShown: Int { 5 }

    private mutating func schedule(_ schedule: Trigger.Schedule) {
        switch schedule {
        case .cron(let expression, let zone):
            member("cron", expression.text)
            member("zone", zone)
        case .every(let interval, let offset):
            member("every", interval)
            member("offset", offset)
        case .topic(let stream, let filter):
            member("topic", stream)
            name("filter")
            beginObject()
            member("type", filter.type)
            name("fields")
            beginObject()
            for (path, wanted) in filter.fields.sorted(by: { $0.key < $1.key }) {
                name(path)
                value(wanted)
            }
            endObject()
            endObject()
        }
    }

    private mutating func template(_ job: JobTemplate) {
        name("job")
        beginObject()
        member("kind", job.kind)
        member("payload", job.payload)
        member("queue", job.queue)
        member("tenant", job.tenant)
        member("priority", job.priority.level)
        member("timeout", job.timeout)
        member("max_attempts", job.maxAttempts)
        dictionary("labels", job.labels)
        endObject()
    }
}
