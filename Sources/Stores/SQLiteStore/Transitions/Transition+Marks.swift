import Database
import MartletCore

/// What is kept beside the rows of `jobs`: marks, alarms, and the counts of groups.
extension Transition {
    private static let addMark = Query("INSERT OR IGNORE INTO marks (sort, name, job) VALUES (?, ?, ?)")
    private static let removeMark = Query("DELETE FROM marks WHERE sort = ? AND name = ? AND job = ?")
    private static let addAlarm = Query("INSERT OR IGNORE INTO alarms (sort, at, job) VALUES (?, ?, ?)")
    private static let removeAlarm = Query("DELETE FROM alarms WHERE sort = ? AND at = ? AND job = ?")
    private static let markedJobs = Query("SELECT job FROM marks WHERE sort = ? AND name = ? ORDER BY job")
    private static let dueAlarms = Query("SELECT job FROM alarms WHERE sort = ? AND at <= ? ORDER BY at, job LIMIT 1000")
    private static let nextAlarm = Query(
        "SELECT min(at) FROM ("
            + (0...2).map { "SELECT (SELECT at FROM alarms WHERE sort = \($0) ORDER BY at LIMIT 1) AS at" }.joined(separator: " UNION ALL ") + ")")
    private static let countInGroup = Query(
        """
        INSERT INTO groups (parent, name, unfinished, succeeded, failed, cancelled) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (parent, name) DO UPDATE SET unfinished = unfinished + excluded.unfinished, succeeded = succeeded + excluded.succeeded,
            failed = failed + excluded.failed, cancelled = cancelled + excluded.cancelled
        """)
    private static let group = Query("SELECT unfinished, succeeded, failed, cancelled FROM groups WHERE parent = ? AND name = ?")
    private static let dropGroup = Query(
        "DELETE FROM groups WHERE parent = ? AND name = ? AND unfinished = 0 AND succeeded = 0 AND failed = 0 AND cancelled = 0")

    /// Brings marks, alarms and groups from what they were for `old` to what they are for `new`; `nil` is no job.
    func mark(_ new: JobRow?, was old: JobRow?) throws {
        guard let id = (new ?? old)?.id, new?.isPlain != true || old?.isPlain != true else { return }
        let (before, after) = (old?.marks ?? [], new?.marks ?? [])
        for mark in before where !after.contains(mark) { try bind(mark, id, to: Self.removeMark).run() }
        for mark in after where !before.contains(mark) { try bind(mark, id, to: Self.addMark).run() }
        let (rang, rings) = (old?.alarms ?? [], new?.alarms ?? [])
        for alarm in rang where !rings.contains(alarm) { try bind(alarm, id, to: Self.removeAlarm).run() }
        for alarm in rings where !rang.contains(alarm) { try bind(alarm, id, to: Self.addAlarm).run() }
        guard let parent = (new ?? old)?.parent, old?.phase != new?.phase || old?.outcome != new?.outcome else { return }
        if let old { try count(old, in: parent, by: -1) }
        if let new { try count(new, in: parent, by: 1) }
        if new == nil { try connection.prepare(Self.dropGroup).bind(parent.job).bind(parent.group).run() }
    }

    private func bind(_ mark: Mark, _ id: JobID, to query: Query) throws -> Prepared {
        let statement = try connection.prepare(query).bind(mark.sort.rawValue)
        switch mark.name {
        case .text(let text): statement.bind(text)
        case .job(let job): statement.bind(job)
        }
        return statement.bind(id)
    }

    private func bind(_ alarm: Alarm, _ id: JobID, to query: Query) throws -> Prepared {
        try connection.prepare(query).bind(alarm.sort.rawValue).bind(alarm.at).bind(id)
    }

    private func count(_ row: JobRow, in group: NewJob.Parent, by sign: Int) throws {
        let statement = try connection.prepare(Self.countInGroup).bind(group.job).bind(group.group)
        statement.bind(row.phase == .finished ? 0 : sign)
        for outcome in [Outcome.succeeded, .failed, .cancelled] { statement.bind(row.outcome == outcome ? sign : 0) }
        try statement.run()
    }

    /// The jobs with a mark, by id.
    func idsMarked(_ sort: Mark.Sort, _ name: String) throws -> [JobID] {
        try connection.prepare(Self.markedJobs).bind(sort.rawValue).bind(name).map { try $0.id(0) }
    }

    /// The first thousand jobs whose alarm has come.
    func idsDue(_ sort: Alarm.Sort) throws -> [JobID] {
        try connection.prepare(Self.dueAlarms).bind(sort.rawValue).bind(now).map { try $0.id(0) }
    }

    func nextAlarm() throws -> Timestamp? {
        try connection.prepare(Self.nextAlarm).first { $0.optionalTime(0) } ?? nil
    }

    /// What a wait for this group ends with; `nil` while one of the group is unfinished.
    func groupResult(_ group: NewJob.Parent) throws -> WaitResult? {
        let counts = try connection.prepare(Self.group).bind(group.job).bind(group.group).first { row in
            (unfinished: row.int(0), result: WaitResult.children(succeeded: row.int(1), failed: row.int(2), cancelled: row.int(3)))
        }
        guard let counts else { return .children(succeeded: 0, failed: 0, cancelled: 0) }
        return counts.unfinished == 0 ? counts.result : nil
    }
}
