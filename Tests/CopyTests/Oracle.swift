import MartletCore
import StoreConformance

/// What a reader can see of a store.
struct Oracle {
    let store: any Store

    func details() async throws -> [JobDetail] {
        var query = JobQuery()
        query.isDetailed = true
        query.limit = Limits.pageMax
        var found: [JobDetail] = []
        while true {
            let page = try await store.jobs(query)
            found += page.details
            guard let next = page.next else { return found }
            query.before = next
        }
    }

    func events(_ stream: String) async throws -> EventPage {
        var whole = try await store.read(stream, after: 0, limit: Limits.eventPageMax)
        while let last = whole.events.last, last.sequence < whole.last {
            whole.events += try await store.read(stream, after: last.sequence, limit: Limits.eventPageMax).events
        }
        return whole
    }

    /// Every difference that the other store shows: jobs, steps, keys, streams, counts, policies, pauses, triggers.
    /// - Parameter streams: those that belong to no job.
    func differences(to other: Oracle, streams: [String] = ["orders", "queue/default"]) async throws -> [String] {
        var found: [String] = []
        let (ours, theirs) = (try await details(), try await other.details())
        for (mine, its) in zip(ours, theirs) where mine != its { found.append("\(mine) is \(its)") }
        if ours.count != theirs.count { found.append("\(ours.count) jobs are \(theirs.count)") }
        for stream in streams + ours.map({ StreamName.job($0.job.id) }) {
            let (mine, its) = (try await events(stream), try await other.events(stream))
            if mine != its { found.append("stream \(stream): \(mine) is \(its)") }
        }
        let (mine, its) = (try await store.overview(), try await other.store.overview())
        if mine.queues != its.queues { found.append("queues: \(mine.queues) are \(its.queues)") }
        found += zip(mine.triggers, its.triggers).filter { !$0.stands(like: $1) }.map { "trigger \($0) is \($1)" }
        if mine.triggers.count != its.triggers.count { found.append("\(mine.triggers.count) triggers are \(its.triggers.count)") }
        return found
    }
}

extension TriggerState {
    /// Pauses apart, which differ while one of the two is held back.
    fileprivate func stands(like other: TriggerState) -> Bool {
        var (mine, its) = (self, other)
        (mine.trigger.isPaused, its.trigger.isPaused) = (true, true)
        return mine.trigger == its.trigger && mine.name == its.name
            && (mine.nextSlot, mine.lastSlot, mine.createdAt) == (its.nextSlot, its.lastSlot, its.createdAt)
            && its.revision >= mine.revision
    }
}
