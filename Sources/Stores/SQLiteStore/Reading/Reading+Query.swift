import Database
import MartletCore

/// Pages of jobs. The newest are found by walking down the ids; where few match, or none, the counts say so, and they are picked by the
/// indexes of their phase and lane instead.
extension Reading {
    /// The most rows looked at for one page.
    private static let examinedMax = 20_000
    /// The most lanes whose finished jobs are merged for one page.
    private static let lanesMax = 500
    private static let newestFinished = Query(
        """
        SELECT id FROM jobs INDEXED BY jobs_finished WHERE phase = 3 AND lane = ? AND outcome = ? AND id < ? ORDER BY id DESC LIMIT ?
        """)

    /// What is read of a row to see whether it matches.
    private struct Candidate {
        var id: JobID
        var lane: Int64
        var phase: Phase
        var outcome: Outcome?
        var key: String?
        var trigger: String?
        var parent: JobID?
        var labels: [UInt8]?

        static let byID = Query("SELECT id, lane, phase, outcome, key_name, trigger_name, parent, labels FROM jobs WHERE id = ?")

        init(_ row: Prepared, withLabels: Bool) throws {
            id = try row.id(0)
            lane = row.int64(1)
            phase = try Phase(code: row.int(2))
            outcome = row.isNull(3) ? nil : try Outcome(code: row.int(3))
            key = row.optionalText(4)
            trigger = row.optionalText(5)
            parent = row.isNull(6) ? nil : try row.id(6)
            labels = withLabels && !row.isNull(7) ? row.bytes(7) : nil
        }
    }

    func page(_ query: JobQuery) throws -> JobPage {
        var page = try find(query)
        if query.isDetailed { page.details = try page.jobs.compactMap { try detail($0.id) } }
        return page
    }

    private func find(_ query: JobQuery) throws -> JobPage {
        let limit = min(max(1, query.limit), Limits.pageMax)
        if (query.phase ?? .finished) != .finished, query.outcome != nil { return JobPage(jobs: [], next: nil) }
        if let source = source(query) { return try walk(source, query, limit) }
        let standings = standings(query)
        if try count(query, standings) == 0 { return JobPage(jobs: [], next: nil) }
        guard isFiltered(query), try isPickable(query, standings) else { return try walk("jobs", query, limit) }
        return try pick(query, standings, limit)
    }

    /// Whether the indexes give the page sooner than walking does.
    private func isPickable(_ query: JobQuery, _ standings: [Wanted]) throws -> Bool {
        if try count(query, standings.filter { $0.phase != .finished }) > Self.examinedMax { return false }
        if try count(query, standings) <= Self.examinedMax { return true }
        // The finished jobs of one lane lie in the order of their ids, so only the page's worth of each is read.
        let lanes = try connection.map("SELECT count(*) FROM lanes WHERE \(laneCondition(query, in: "lanes"))") { $0.int(0) }.first ?? 0
        return query.labels.isEmpty && lanes <= Self.lanesMax
    }

    private func isFiltered(_ query: JobQuery) -> Bool {
        query.phase != nil || query.outcome != nil || query.kind != nil || query.queue != nil || query.tenant != nil
    }

    // MARK: Walking down the ids

    /// The index that holds exactly the jobs of a rare attribute, in the order of their ids.
    private func source(_ query: JobQuery) -> SQL? {
        // A cross join is carried out in the order it is written in.
        let marked: SQL = "marks CROSS JOIN jobs ON jobs.id = marks.job WHERE marks.sort = "
        if let parent = query.parent { return marked + "\(Mark.Sort.child.rawValue) AND marks.name = \(parent.bytes)" }
        if let key = query.key { return marked + "\(Mark.Sort.keyed.rawValue) AND marks.name = \(key)" }
        if let trigger = query.trigger { return marked + "\(Mark.Sort.ofTrigger.rawValue) AND marks.name = \(trigger)" }
        return nil
    }

    private func walk(_ source: SQL, _ query: JobQuery, _ limit: Int) throws -> JobPage {
        let isMarked = source != "jobs"
        let id: SQL = isMarked ? "marks.job" : "id"
        var sql: SQL = "SELECT id, lane, phase, outcome, key_name, trigger_name, parent, labels FROM \(source)"
        if let before = query.before { sql += "\(SQL(isMarked ? " AND " : " WHERE "))\(id) < \(before.bytes)" }
        sql += " ORDER BY \(id) DESC LIMIT \(Self.examinedMax + 1)"
        var found: [JobID] = []
        var examined = 0
        var last: JobID?
        var isCut = false
        try connection.whileRows(sql) { row in
            let candidate = try Candidate(row, withLabels: !query.labels.isEmpty)
            guard examined < Self.examinedMax else {
                isCut = true
                return false
            }
            examined += 1
            if try matches(candidate, query) {
                if found.count == limit {
                    isCut = true
                    return false
                }
                found.append(candidate.id)
            }
            last = candidate.id
            return true
        }
        return JobPage(jobs: try found.compactMap(record), next: isCut ? (found.count == limit ? found.last : last) : nil)
    }

    private func matches(_ row: Candidate, _ query: JobQuery) throws -> Bool {
        guard Self.fits(query.phase, row.phase), Self.fits(query.outcome, row.outcome), Self.fits(query.key, row.key),
            Self.fits(query.trigger, row.trigger), Self.fits(query.parent, row.parent)
        else { return false }
        if query.kind != nil || query.queue != nil || query.tenant != nil {
            let lane = try lane(row.lane)
            guard Self.fits(query.kind, lane.kind), Self.fits(query.queue, lane.queue), Self.fits(query.tenant, lane.tenant) else {
                return false
            }
        }
        if query.labels.isEmpty { return true }
        let labels = try row.labels.map(Labels.decode) ?? [:]
        return query.labels.allSatisfy { labels[$0.key] == $0.value }
    }

    private static func fits<Value: Equatable>(_ wanted: Value?, _ actual: Value?) -> Bool { wanted == nil || wanted == actual }

    // MARK: Picking by the counts

    private struct Wanted {
        var phase: Phase
        var outcome: Outcome?

        /// The column of the counts.
        var column: SQL {
            switch (phase, outcome) {
            case (.ready, _): "ready"
            case (.running, _): "running"
            case (.waiting, _): "waiting"
            case (.finished, .failed): "failed"
            case (.finished, .cancelled): "cancelled"
            case (.finished, _): "succeeded"
            }
        }
    }

    /// Where the jobs of the query may stand.
    private func standings(_ query: JobQuery) -> [Wanted] {
        let unfinished = [Phase.ready, .running, .waiting].map { Wanted(phase: $0, outcome: nil) }
        let finished = Outcome.allCases.map { Wanted(phase: .finished, outcome: $0) }
        return (unfinished + finished).filter { wanted in
            Self.fits(query.phase, wanted.phase) && (query.outcome == nil || query.outcome == wanted.outcome)
        }
    }

    /// How many jobs match, labels aside.
    private func count(_ query: JobQuery, _ standings: [Wanted]) throws -> Int {
        if standings.isEmpty { return 0 }
        let sum = SQL.joined(standings.map(\.column), by: " + ")
        let table: SQL = query.tenant != nil ? "lanes" : "kinds"
        return try connection.map("SELECT total(\(sum)) FROM \(table) WHERE \(laneCondition(query, in: table))") { $0.int(0) }.first ?? 0
    }

    /// - Parameter table: `lanes`, or `kinds` for a query that names no tenant.
    private func laneCondition(_ query: JobQuery, in table: SQL) -> SQL {
        var parts: [SQL] = []
        if let queue = query.queue { parts.append("queue = (SELECT id FROM queues WHERE name = \(queue))") }
        if let kind = query.kind {
            parts.append(table == "kinds" ? "name = \(kind)" : "kind IN (SELECT id FROM kinds WHERE name = \(kind))")
        }
        if let tenant = query.tenant { parts.append("tenant = \(tenant)") }
        return parts.isEmpty ? "1" : SQL.joined(parts, by: " AND ")
    }

    /// All that may match, newest first; there are few.
    private func pick(_ query: JobQuery, _ standings: [Wanted], _ limit: Int) throws -> JobPage {
        var ids: [JobID] = []
        // Labels alone are not seen before a job is read, so without them a page's worth is enough.
        let enough = query.labels.isEmpty ? limit + 1 : Self.examinedMax
        for wanted in standings { ids += wanted.phase == .finished ? try finished(query, wanted, enough) : try self.ids(query, wanted) }
        ids.sort(by: >)
        var found: [JobRecord] = []
        for id in ids {
            let candidate = try connection.prepare(Candidate.byID).bind(id).first { try Candidate($0, withLabels: !query.labels.isEmpty) }
            guard let candidate, try matches(candidate, query), let record = try record(id) else { continue }
            guard found.count < limit else { return JobPage(jobs: found, next: found.last?.id) }
            found.append(record)
        }
        return JobPage(jobs: found, next: nil)
    }

    private func ids(_ query: JobQuery, _ wanted: Wanted) throws -> [JobID] {
        let lanes: SQL = "(SELECT id FROM lanes WHERE \(wanted.column) > 0 AND \(laneCondition(query, in: "lanes")))"
        var sql: SQL
        switch wanted.phase {
        case .ready: sql = "SELECT id FROM jobs INDEXED BY jobs_ready WHERE phase = 0 AND lane IN \(lanes)"
        case .running: sql = "SELECT id FROM jobs INDEXED BY jobs_running WHERE phase = 1"
        case .waiting: sql = "SELECT job AS id FROM waits WHERE 1"
        case .finished: return []
        }
        if let before = query.before { sql += wanted.phase == .waiting ? " AND job < \(before.bytes)" : " AND id < \(before.bytes)" }
        return try connection.map(sql) { try $0.id(0) }
    }

    /// The newest finished jobs of each lane.
    private func finished(_ query: JobQuery, _ wanted: Wanted, _ limit: Int) throws -> [JobID] {
        let condition = laneCondition(query, in: "lanes")
        let lanes = try connection.map("SELECT id FROM lanes WHERE \(wanted.column) > 0 AND \(condition)") { $0.int64(0) }
        return try lanes.flatMap { lane in
            let statement = try connection.prepare(Self.newestFinished).bind(lane).bind((wanted.outcome ?? .succeeded).code)
            return try statement.bind(query.before ?? JobID(high: .max, low: .max)).bind(limit).map { try $0.id(0) }
        }
    }
}

extension JobID {
    /// The sixteen bytes of the column.
    var bytes: [UInt8] { withUnsafeBytes(of: (high.bigEndian, low.bigEndian), Array.init) }
}
