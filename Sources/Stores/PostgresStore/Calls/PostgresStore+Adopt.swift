import Database
import MartletCore

/// Jobs and events that come from another store.
extension PostgresStore {
    /// Jobs of one call, some of them with histories: runs of one sort, one after another, since they may be about the same jobs.
    func enqueueMixed(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        var answers: [Enqueued] = []
        for (isAdopted, run) in jobs.runs(where: { $0.history != nil }) {
            if isAdopted {
                answers += try await adopt(run)
            } else {
                answers += try await enqueueing.submit(run) { jobs throws(StoreError) in try await self.enqueueTogether(jobs) }
            }
        }
        return answers
    }

    private func adopt(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued] {
        var answers = jobs.map { $0.fault.map(Enqueued.refused) }
        let sound = jobs.indices.filter { answers[$0] == nil }
        let documents = sound.map { index in jobs[index].history.map { HistoryCoding.encode(jobs[index], $0) } ?? .null }
        if sound.isEmpty { return answers.compactMap { $0 } }
        let rows = try await self.answers("adopt(\(JSON.array(documents).description)::json, \(time.argument))")
        guard let now = rows.last?.now, rows.count == sound.count + 1 else { throw .unknownRow }
        // They are due when they were, and so are their alarms.
        marks.lower(to: .epoch)
        hints.lower(to: .epoch)
        for (index, row) in zip(sound, rows) {
            let isAccepted = row.status == "a"
            answers[index] = isAccepted ? row.job.map(Enqueued.accepted) : try row.enqueued(jobs[index], at: now)
        }
        return answers.compactMap { $0 }
    }

    /// Events of one call, some of them with a place of their own: runs of one sort, one after another.
    func appendMixed(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        var answers: [Appended] = []
        for (isAdopted, run) in events.runs(where: { $0.history != nil }) {
            if isAdopted {
                answers += try await adopt(run)
            } else {
                answers += try await appending.submit(run) { events throws(StoreError) in try await self.appendTogether(events) }
            }
        }
        return answers
    }

    private func adopt(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        var answers = events.map { $0.fault.map(Appended.refused) }
        let sound = events.indices.filter { answers[$0] == nil }
        if sound.isEmpty { return answers.compactMap { $0 } }
        let documents = sound.compactMap { index in events[index].history.map { Self.encode(events[index], $0) } }
        let streams = Set(sound.map { events[$0].stream }).sorted()
        let rows = try await self.answers("adopt_events(\(JSON.array(documents).description)::json, \(array: streams), \(time.argument))")
        guard rows.count == sound.count + 1 else { throw .unknownRow }
        for (index, row) in zip(sound, rows) {
            guard let number = row.number else { throw .unknownRow }
            switch row.status {
            case "a": answers[index] = .at(sequence: number)
            case "g": answers[index] = .refused(.gap(after: number))
            default: answers[index] = .refused(.otherEvent(number))
            }
        }
        return answers.compactMap { $0 }
    }

    private static func encode(_ event: NewEvent, _ history: EventHistory) -> JSON {
        [
            "stream": .string(event.stream), "type": .string(event.type), "data": .string(event.data.text), "seq": .integer(history.sequence),
            "at": .string(history.at.description),
        ]
    }
}
