extension MemoryState {
    mutating func append(_ events: [NewEvent], at now: Timestamp) throws(StoreError) -> [Appended] {
        try Self.checkBatch(events.count, "events")
        return events.map { append($0, at: now) }
    }

    /// Appends one event, and lets go whatever it sets free: waiters, then topic triggers.
    @discardableResult
    mutating func append(_ event: NewEvent, at now: Timestamp) -> Appended {
        if let fault = event.fault { return .refused(fault) }
        if let lease = event.lease {
            guard isCurrent(lease, at: now) else { return .refused(.leaseLost(lease)) }
            if event.type == "progress", event.stream == StreamName.job(lease.job), let progress = Progress(event.data) {
                update(lease.job) { $0.record.progress = progress }
            }
        }
        if let history = event.history { return adopt(event, history, at: now) }
        return write(event, at: now, now: now)
    }

    /// - Parameter at: the event's own time.
    mutating func write(_ event: NewEvent, at: Timestamp, now: Timestamp) -> Appended {
        let made = streams[event.stream, default: MemoryStream()].append(event, at: at)
        changes.streams.insert(event.stream)
        releaseWaiters(of: made, at: now)
        if event.history == nil { fireTopics(with: made, at: now) }
        return .at(sequence: made.sequence)
    }

    func read(_ stream: String, after: Int, limit: Int) -> EventPage {
        let kept = streams[stream] ?? MemoryStream()
        let count = min(max(0, limit), Limits.eventPageMax)
        return EventPage(events: Array(kept.events(above: after).prefix(count)), last: kept.last, first: kept.first)
    }

    private mutating func releaseWaiters(of event: Event, at now: Timestamp) {
        guard let waiters = indexes.waiters[MemoryIndexes.Awaited(stream: event.stream, type: event.type)] else { return }
        for id in waiters {
            guard case .event(_, _, let after) = jobs[id]?.record.wait?.condition, after < event.sequence else { continue }
            endWait(id, with: .event(event), at: now)
        }
    }

    private mutating func fireTopics(with event: Event, at now: Timestamp) {
        for name in topics[event.stream] ?? SortedSet() {
            guard let trigger = triggers[name]?.trigger, !trigger.isPaused, case .topic(_, let filter) = trigger.schedule,
                filter.matches(type: event.type, data: event.data)
            else { continue }
            var job = trigger.job(for: event, id: makeID(at: now))
            job.trigger = name
            job.due = .after(trigger.delay(name: name, slot: event.at))
            place(job, trigger.overlap, at: now)
        }
    }
}
