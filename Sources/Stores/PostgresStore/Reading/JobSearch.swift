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
        if hasIndex || isUnfiltered { return "SELECT NULL::uuid, j.* FROM \(newest("j.*", "_jobs", all, limit + 1)) j ORDER BY j.id DESC" }
        let edge: SQL = "(SELECT j.id FROM \(newest("j.id", "", [start], Self.scanMax + 1)) j ORDER BY j.id DESC OFFSET \(Self.scanMax) LIMIT 1)"
        let filters = all + ["j.id >= coalesce(edge.id, '00000000-0000-0000-0000-000000000000')"]
        return """
            SELECT edge.id, found.* FROM (SELECT \(edge) AS id) edge LEFT JOIN LATERAL (\
            SELECT j.* FROM \(newest("j.*", "_jobs", filters, limit + 1)) j \
            ORDER BY j.id DESC) found ON true ORDER BY found.id DESC
            """
    }

    /// The newest that match, of each table in the order of its own index, and of both together.
    private func newest(_ columns: SQL, _ suffix: SQL, _ filters: [SQL], _ count: Int) -> SQL {
        let filters = SQL.joined(filters, by: " AND ")
        let each = tables.map { table -> SQL in
            "(SELECT \(columns) FROM \(schema)\(table)\(suffix) j WHERE \(filters) ORDER BY j.id DESC LIMIT \(count))"
        }
        return "(SELECT j.* FROM (\(SQL.joined(each, by: " UNION ALL "))) j ORDER BY j.id DESC LIMIT \(count))"
    }

    private var tables: [SQL] {
        switch query.phase {
        case .finished?: ["finished"]
        case .ready?, .running?, .waiting?: ["live"]
        case nil: query.outcome == nil ? ["live", "finished"] : ["finished"]
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
