import MartletCore
import NIOCore

extension RedisStore {
    public func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        var writer = PackWriter()
        writer.add(stream)
        writer.add(min(max(0, after), PackWriter.exactMax))
        writer.add(min(max(0, limit), Limits.eventPageMax))
        let answer = try await caller.call(.read) { $0.add(writer.bytes) }
        guard let parts = answer.elements, parts.count == 3, let first = parts[0].int, let last = parts[1].int, let entries = parts[2].elements
        else { throw .unreadable }
        var events: [Event] = []
        for entry in entries {
            guard let fields = entry.elements, fields.count == 4, let sequence = fields[0].int, let at = fields[1].int,
                let type = fields[2].string, let data = fields[3].buffer
            else { throw .unreadable }
            let time = Timestamp(microseconds: Int64(at))
            events.append(Event(stream: stream, sequence: sequence, at: time, type: type, data: Payload(trusted: Array(buffer: data))))
        }
        return EventPage(events: events, last: last, first: first)
    }

    public func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage {
        guard let packed = QueryCoding.encode(query) else { return JobPage(jobs: [], next: nil) }
        guard let parts = try await caller.call(.jobs, { $0.add(packed) }).elements, parts.count == 2 else { throw .unreadable }
        let records = try JobReading.records(parts[0])
        let details = query.isDetailed ? try await details(records.map(\.id)) : []
        return JobPage(jobs: records, next: parts[1].buffer.flatMap(JobID.init(bytes:)), details: details)
    }

    public func job(_ id: JobID) async throws(StoreError) -> JobDetail? {
        let answer = try await caller.call(.job) { $0.add(id.bytes) }
        return answer.isNull ? nil : try JobReading.detail(answer)
    }

    private typealias Found = (Int, Result<JobDetail?, StoreError>)

    /// In the order of the ids, all asked for in one go.
    private func details(_ ids: [JobID]) async throws(StoreError) -> [JobDetail] {
        let found = await withTaskGroup(
            of: Found.self, returning: [Found].self
        ) { group in
            for (index, id) in ids.enumerated() {
                group.addTask {
                    do throws(StoreError) {
                        return (index, .success(try await self.job(id)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var details: [JobDetail] = []
        for (_, result) in found.sorted(by: { $0.0 < $1.0 }) {
            if let detail = try result.get() { details.append(detail) }
        }
        return details
    }

    public func overview() async throws(StoreError) -> Overview {
        try OverviewReading.decode(try await caller.call(.overview))
    }

    /// Hints of this process at once, and those of others for as long as somebody listens.
    public func wakeups() -> AsyncStream<Wakeup> {
        let hints = caller.fanout.subscribe()
        follower.start()
        return hints
    }
}
