import Database
import MartletCore

extension PostgresStore {
    public func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage {
        let count = min(max(0, limit), Limits.eventPageMax)
        return try await call(
            """
            SELECT s.pruned, (SELECT max(seq) FROM \(schema)events WHERE stream = s.id), (SELECT min(seq) FROM \(schema)events WHERE stream = s.id), \
            e.seq, e.at, e.type, e.data FROM \(schema)streams s LEFT JOIN LATERAL (SELECT * FROM \(schema)events WHERE stream = s.id \
            AND seq > \(after) ORDER BY seq LIMIT \(count)) e ON true WHERE s.name = \(stream.storable) ORDER BY e.seq
            """
        ) { answer in
            guard let row = answer.first else { return EventPage(events: [], last: 0, first: 1) }
            let last = max(try row.int(0), try row.optionalInt(1) ?? 0)
            var page = EventPage(events: [], last: last, first: try row.optionalInt(2) ?? last + 1)
            for row in answer where !row.isNull(3) {
                page.events.append(
                    Event(
                        stream: stream, sequence: try row.int(3), at: try row.timestamp(4), type: try row.text(5),
                        data: Payload(trusted: Array(try row.text(6).utf8))))
            }
            return page
        }
    }

    public func job(_ id: JobID) async throws(StoreError) -> JobDetail? {
        try await details([id]).first
    }

    /// Newest first, without those that are not there.
    private func details(_ ids: [JobID]) async throws(StoreError) -> [JobDetail] {
        let query: SQL = """
            SELECT d.steps, d.scope, d.key_window, d.last_event, (d.job).* FROM unnest(\(array: ids)) u(id) \
            CROSS JOIN LATERAL \(schema)detail_of(u.id, \(time.argument)) d ORDER BY u.id DESC
            """
        return try await call(query) { answer in
            try answer.map { row in
                let scope: IdempotencyKey.Scope? =
                    switch try row.optionalInt(1) {
                    case nil: nil
                    case 0?: .untilFinished
                    case 1?: .forever
                    default: .window(.microseconds(try row.optionalInt64(2) ?? 0))
                    }
                return JobDetail(
                    job: try JobColumns(row, from: 4).record(), steps: try row.optionalText(0).map(StepsColumn.read) ?? [], keyScope: scope,
                    lastEvent: try row.optionalInt(3) ?? 0)
            }
        }
    }

    public func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage {
        let search = JobSearch(query, schema)
        let (records, edge) = try await self.search(search.statement) { answer in
            var records: [JobRecord] = []
            var edge: JobID?
            for row in answer {
                edge = try row.optionalID(0)
                if !row.isNull(1) { records.append(try JobColumns(row, from: 1).record()) }
            }
            return (records, edge)
        }
        // One more than the page holds tells that there is a next one.
        let isCut = records.count > search.limit
        let page = isCut ? Array(records.prefix(search.limit)) : records
        let details = query.isDetailed && !page.isEmpty ? try await details(page.map(\.id)) : []
        return JobPage(jobs: page, next: isCut ? page.last?.id : edge, details: details)
    }

    public func overview() async throws(StoreError) -> Overview {
        let (schema, time) = (schema, time)
        do {
            let overview = try await database.transaction(.repeatableRead, readOnly: true) { connection in
                let answers = try connection.batch([
                    "SELECT \(schema)clock(\(time.argument)), set_config('jit', 'off', true)", QueueColumns.query(schema, where: "true"),
                    "SELECT \(TriggerColumns.names) FROM \(schema)triggers t ORDER BY t.name",
                    """
                    SELECT n.name, b.expires, (SELECT count(*) FROM \(schema)live WHERE phase = 1 AND node = n.name) FROM \(schema)nodes n \
                    CROSS JOIN LATERAL (SELECT expires FROM \(schema)beats WHERE node = n.name ORDER BY seq DESC LIMIT 1) b ORDER BY n.name
                    """,
                    """
                    SELECT kind, sum(ready)::bigint, sum(running)::bigint, sum(waiting)::bigint, sum(succeeded)::bigint, sum(failed)::bigint, \
                    sum(cancelled)::bigint FROM \(schema)counts GROUP BY kind ORDER BY kind
                    """,
                ])
                guard let now = answers[0].first else { throw StoreError.unknownRow }
                return Overview(
                    now: try now.timestamp(0), queues: try answers[1].map { try QueueColumns($0).state() },
                    triggers: try answers[2].map { try TriggerColumns($0).state() },
                    nodes: try answers[3].map {
                        NodeState(id: NodeID(String(stored: try $0.text(0))), expiresAt: try $0.timestamp(1), running: try $0.int(2))
                    },
                    kinds: try answers[4].map { KindState(name: try $0.text(0), counts: try QueueColumns.counts($0, from: 1)) })
            }
            time.saw(overview.now)
            return overview
        } catch {
            throw StoreError(error)
        }
    }
}
