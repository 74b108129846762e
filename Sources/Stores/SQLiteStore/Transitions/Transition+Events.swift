import Database
import MartletCore

extension Transition {
    private static let addEvent = Query("INSERT INTO events (stream, sequence, at, type, data) VALUES (?, ?, ?, ?, ?)")
    private static let waiters = Query(
        "SELECT job FROM waits WHERE condition = 0 AND name = ? AND type = ? AND after < ? ORDER BY job")
    private static let firstEvent = Query(
        "SELECT sequence, at, data FROM events WHERE stream = ? AND sequence > ? AND type = ? ORDER BY sequence LIMIT 1")

    func append(_ events: [NewEvent]) throws -> [Appended] {
        try Self.checkBatch(events.count, "events")
        return try events.map(append)
    }

    /// Appends one event, and lets go whatever it sets free: waiters, then topic triggers.
    func append(_ event: NewEvent) throws -> Appended {
        if let fault = event.fault { return .refused(fault) }
        if let lease = event.lease {
            guard let row = try current(lease.job), row.isHeld(by: lease, at: now) else { return .refused(.leaseLost(lease)) }
            if event.type == "progress", event.stream == StreamName.job(lease.job), let progress = Progress(event.data) {
                try setProgress(progress, of: lease.job)
            }
        }
        if let history = event.history { return try adopt(event, history) }
        let stream = try self.stream(named: event.stream) ?? makeStream(named: event.stream)
        let made = Event(stream: event.stream, sequence: stream.last + 1, at: now, type: event.type, data: event.data)
        ledger.streams.change(event.stream) { $0.last = made.sequence }
        try write(made, to: stream.id)
        try fireTopics(with: made)
        return .at(sequence: made.sequence)
    }

    /// Writes an event, and lets go whoever waits for it.
    func write(_ event: Event, to stream: Int64) throws {
        let statement = try connection.prepare(Self.addEvent).bind(stream).bind(event.sequence).bind(event.at).bind(event.type)
        try statement.bind(event.data.utf8).run()
        touch(stream: event.stream)
        try releaseWaiters(of: event)
    }

    /// The first event of a type above a sequence number.
    func firstEvent(of name: String, _ type: String, after: Int) throws -> Event? {
        guard let stream = try stream(named: name) else { return nil }
        return try connection.prepare(Self.firstEvent).bind(stream.id).bind(after).bind(type).first { row in
            Event(stream: name, sequence: row.int(0), at: row.time(1), type: type, data: Payload(trusted: row.bytes(2)))
        }
    }

    private func releaseWaiters(of event: Event) throws {
        let waiters = try connection.prepare(Self.waiters).bind(event.stream).bind(event.type).bind(event.sequence).map { try $0.id(0) }
        for id in waiters {
            guard let row = try current(id), row.phase == .waiting, let wait = try jobs.wait(of: id) else { continue }
            try endWait(row, wait, with: .event(event))
        }
    }

    private func fireTopics(with event: Event) throws {
        for state in ledger.topics[event.stream] ?? [] {
            let trigger = state.trigger
            guard !trigger.isPaused, case .topic(_, let filter) = trigger.schedule, filter.matches(type: event.type, data: event.data) else {
                continue
            }
            var job = trigger.job(for: event, id: makeID())
            job.trigger = state.name
            job.due = .after(trigger.delay(name: state.name, slot: event.at))
            _ = try place(job, trigger.overlap)
        }
    }
}
