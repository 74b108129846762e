import Database
import MartletCore

/// The read side, on one snapshot.
final class Reading {
    let connection: Connection
    let jobs: JobReader
    let now: Timestamp
    private var lanes: [Int64: LaneName] = [:]

    private static let lane = Query(
        """
        SELECT queues.name, kinds.name, lanes.tenant FROM lanes JOIN kinds ON kinds.id = lanes.kind JOIN queues ON queues.id = lanes.queue
        WHERE lanes.id = ?
        """)
    private static let stream = Query("SELECT id, last, first FROM streams WHERE name = ?")
    private static let keyEnd = Query("SELECT expires FROM keys WHERE tenant = ? AND name = ? AND job = ? AND expires IS NOT NULL")
    private static let events = Query(
        "SELECT sequence, at, type, data FROM events WHERE stream = ? AND sequence > ? ORDER BY sequence LIMIT ?")

    /// - Parameter now: the store's time.
    init(_ connection: Connection, at now: Timestamp) {
        self.connection = connection
        self.now = now
        jobs = JobReader(connection: connection)
    }

    func lane(_ id: Int64) throws -> LaneName {
        if let known = lanes[id] { return known }
        let read = try connection.prepare(Self.lane).bind(id).first { LaneName(queue: $0.text(0), kind: $0.text(1), tenant: $0.text(2)) }
        guard let read else { throw DatabaseFailure.unknownCode }
        lanes[id] = read
        return read
    }

    func record(_ id: JobID) throws -> JobRecord? {
        guard let (row, details) = try jobs.whole(id) else { return nil }
        return try jobs.record(row, details, try lane(row.lane))
    }

    func detail(_ id: JobID) throws -> JobDetail? {
        guard let (row, details) = try jobs.whole(id) else { return nil }
        let record = try jobs.record(row, details, try lane(row.lane))
        let last = try connection.prepare(Self.stream).bind(StreamName.job(id)).first { $0.int(1) }
        return JobDetail(job: record, steps: try jobs.steps(of: id), keyScope: try keyScope(of: row, record.tenant), lastEvent: last ?? 0)
    }

    private func keyScope(of row: JobRow, _ tenant: String) throws -> IdempotencyKey.Scope? {
        guard let key = row.key, let scope = row.keyScope else { return nil }
        switch scope {
        case .untilFinished: return .untilFinished
        case .forever: return .forever
        case .window:
            let end = try connection.prepare(Self.keyEnd).bind(tenant).bind(key).bind(row.id).first { $0.time(0) }
            return .window(end.map { $0 > now ? $0 - row.createdAt : .zero } ?? .zero)
        }
    }

    func page(of name: String, after: Int, limit: Int) throws -> EventPage {
        let stream = try connection.prepare(Self.stream).bind(name).first { (id: $0.int64(0), last: $0.int(1), first: $0.int(2)) }
        guard let stream else { return EventPage(events: [], last: 0, first: 1) }
        let count = min(max(0, limit), Limits.eventPageMax)
        let events = try connection.prepare(Self.events).bind(stream.id).bind(after).bind(count).map { row in
            Event(stream: name, sequence: row.int(0), at: row.time(1), type: row.text(2), data: Payload(trusted: row.bytes(3)))
        }
        return EventPage(events: events, last: stream.last, first: stream.first)
    }
}
