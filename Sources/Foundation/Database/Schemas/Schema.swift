/// The tables of one part of the program: a list of steps that only ever grows, each applied once, in order.
///
/// The same steps serve both engines: `\(type: .instant)` names a column's type, `SQL.either` what they spell differently.
public struct Schema: Sendable {
    /// Names the part: several may live in one file.
    public let name: String
    /// The statements of step 1, 2, …; a released step is never edited.
    public let steps: [[SQL]]

    public init(name: String, steps: [[SQL]]) {
        self.name = name
        self.steps = steps
    }

    /// The steps that tables of version `stored` lack.
    /// - Throws: `corrupt` where a newer build has been here.
    func missing(from stored: Int) throws(DatabaseFailure) -> ArraySlice<[SQL]> {
        guard stored <= steps.count else {
            throw DatabaseFailure(
                .corrupt, reason: "the tables of '\(name)' are of version \(stored), and this build knows up to \(steps.count): run a newer build")
        }
        return steps[stored...]
    }

    /// Brings the tables of an SQLite file up to this build's version.
    /// - Throws: `corrupt` where a newer build has been here.
    func migrate(_ connection: Connection) throws {
        try connection.run("CREATE TABLE IF NOT EXISTS schema_versions (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID")
        let stored: Int = try connection.rows("SELECT version FROM schema_versions WHERE name = \(name)").first?.get("version") ?? 0
        let missing = try missing(from: stored)
        if missing.isEmpty { return }
        for step in missing {
            for statement in step { try connection.run(statement) }
        }
        try connection.run("INSERT OR REPLACE INTO schema_versions (name, version) VALUES (\(name), \(steps.count))")
    }
}
