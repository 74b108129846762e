import Database
import MartletCore

/// The statement that finds one page of jobs, newest first.
struct JobSearch {
    /// Rows that one page looks through at most where no index leads to the jobs.
    private static let scanMax = 20_000

    let limit: Int
    private let query: JobQuery
    private let schema: SQL

    init(_ query: JobQuery, _ schema: SQL) {
        self.query = query
        self.schema = schema
        limit = min(max(1, query.limit), Limits.pageMax)
    }

    /// Answers rows of the edge (where the look ended before the last job; else null) and a job, which is null where none was found.
    var statement: SQL {
        let filters = SQL.joined(all, by: " AND ")
        if hasIndex || isUnfiltered {
            return "SELECT NULL::uuid, j.* FROM \(view) j WHERE \(filters) ORDER BY j.id DESC LIMIT \(limit + 1)"
        }
        let edge: SQL = "(SELECT j.id FROM \(view) j WHERE \(start) ORDER BY j.id DESC OFFSET \(Self.scanMax) LIMIT 1)"
        return """
            SELECT edge.id, found.* FROM (SELECT \(edge) AS id) edge LEFT JOIN LATERAL (SELECT j.* FROM \(view) j WHERE \(filters) \
            AND j.id >= coalesce(edge.id, '00000000-0000-0000-0000-000000000000') ORDER BY j.id DESC LIMIT \(limit + 1)) found ON true
            """
    }

    /// The ids of the newest of all jobs, one more than the page holds: read off the end of both tables, however many rows there are. `nil` for a
    /// query that asks for some jobs alone.
    var newest: SQL? {
        guard isUnfiltered, !hasIndex else { return nil }
        let parts = ["live", "finished"].map { (table: SQL) -> SQL in
            "(SELECT j.id FROM \(schema)\(table) j WHERE \(start) ORDER BY j.id DESC LIMIT \(limit + 1))"
        }
        return "SELECT id FROM (\(SQL.joined(parts, by: " UNION ALL "))) ids ORDER BY id DESC LIMIT \(limit + 1)"
    }

    private var view: SQL {
        switch query.phase {
        case .finished?: "\(schema)finished_jobs"
        case .ready?, .running?, .waiting?: "\(schema)live_jobs"
        case nil: query.outcome == nil ? "\(schema)jobs" : "\(schema)finished_jobs"
        }
    }

    private var hasIndex: Bool { query.key != nil || query.trigger != nil || query.parent != nil }

    private var isUnfiltered: Bool {
        query.phase == nil && query.outcome == nil && query.kind == nil && query.queue == nil && query.tenant == nil && query.labels.isEmpty
    }

    private var start: SQL {
        guard let before = query.before else { return "true" }
        return "j.id < \(before)"
    }

    private var all: [SQL] {
        var all: [SQL] = [start]
        if let phase = query.phase { all.append("j.phase = \(phase.code)") }
        if let outcome = query.outcome { all.append("j.outcome = \(outcome.code)") }
        if let kind = query.kind { all.append("j.kind = \(kind.storable)") }
        if let queue = query.queue { all.append("j.queue = \(queue.storable)") }
        if let tenant = query.tenant { all.append("j.tenant = \(tenant.storable)") }
        if let key = query.key { all.append("j.key = \(key.storable)") }
        if let trigger = query.trigger { all.append("j.trigger = \(trigger.storable)") }
        if let parent = query.parent { all.append("j.parent = \(parent)") }
        if !query.labels.isEmpty {
            let labels = Dictionary(query.labels.map { ($0.key.storable, $0.value.storable) }, uniquingKeysWith: { first, _ in first })
            all.append("j.labels @> \(SQLJSON(NewJobCoding.labels(labels).description))")
        }
        return all
    }
}
