import GRDB

/// What a database file says about itself, for whoever looks after it. Opens a connection of its own that cannot write.
package struct SQLiteInspection: Sendable {
    /// `wal` where all is well.
    package let journalMode: String
    /// Versions of the tables, by the name of the part they belong to.
    package let versions: [String: Int]
    /// What is wrong with the file; empty where nothing was found. Holds no data.
    package let damage: [String]
    package let pageBytes: Int
    package let pages: Int
    /// Pages that hold nothing any more and are used again.
    package let freePages: Int

    /// Reads the whole file once, which takes a second for each gigabyte or so; blocks its thread meanwhile.
    /// - Throws: `DatabaseFailure`.
    package init(path: String) throws(DatabaseFailure) {
        var configuration = Configuration()
        configuration.readonly = true
        do {
            let file = try DatabaseQueue(path: path, configuration: configuration)
            self = try file.read { try SQLiteInspection($0) }
            try file.close()
        } catch {
            throw DatabaseFailure(error)
        }
    }

    private init(_ db: GRDB.Database) throws {
        journalMode = try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? ""
        let rows = try GRDB.Row.fetchAll(db, sql: "SELECT name, version FROM schema_versions")
        versions = Dictionary(rows.map { ($0["name"] as String, $0["version"] as Int) }) { first, _ in first }
        damage = try String.fetchAll(db, sql: "PRAGMA quick_check(10)").filter { $0 != "ok" }
        pageBytes = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
        pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        freePages = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
    }
}
