import Database
import MartletCore

/// What was invalidated, by whichever process, in the order in which it was committed. An entry is written in the transaction that changes what
/// it is about, so that no crash can come between the two; processes read on from the last number they have seen.
struct Invalidations: Sendable {
    /// What happened since a reader last looked.
    struct News: Sendable {
        var ranges: [KeyRange] = []
        /// The number to read on from.
        var last: Int
        /// Something has been missed: everything is to be forgotten.
        var isBroken = false
    }

    /// Longer than any pause that a process survives; who comes later forgets everything.
    private static let retention: Duration = .seconds(3600)
    private static let pageMax = 1000

    let cache: String
    let database: SQLDatabase
    let environment: Environment

    /// Forgets the values of a range in the shared table, and tells everybody. For a transaction that changes what the values were made of.
    static func append(_ range: KeyRange, to cache: String, at now: Timestamp, _ connection: any SQLConnection) throws {
        let end: SQL = range.end.map { " AND key < \($0)" } ?? ""
        try connection.run(
            """
            UPDATE records_cache SET generation = generation + 1, value = NULL, computed_at = NULL, expires_at = NULL
            WHERE cache = \(cache) AND key >= \(range.first)\(end)
            """)
        // The counter's row is locked until the commit: numbers become visible in their order, without a gap.
        let rows = try connection.rows("UPDATE records_counters SET last = last + 1 WHERE name = 'invalidations' RETURNING last")
        guard let number = try rows.first?.get("last", as: Int.self) else { throw DatabaseFailure.missingCounter }
        try connection.run(
            """
            INSERT INTO records_invalidations (seq, at, cache, first_key, end_key)
            VALUES (\(number), \(now), \(cache), \(range.first), \(range.end))
            """)
    }

    func append(_ range: KeyRange) async throws {
        let (cache, now) = (cache, environment.clock.now())
        try await database.write { try Self.append(range, to: cache, at: now, $0) }
    }

    /// - Parameter last: the last number seen; `nil` asks for the newest alone.
    func read(after last: Int?) async throws -> News {
        let cache = cache
        return try await database.read { connection in
            guard let row = try connection.rows("SELECT last FROM records_counters WHERE name = 'invalidations'").first else {
                throw DatabaseFailure.missingCounter
            }
            var news = News(last: try row.get("last"))
            guard let last, last != news.last else { return news }
            let rows = try connection.rows(
                """
                SELECT seq, cache, first_key, end_key FROM records_invalidations WHERE seq > \(last) ORDER BY seq LIMIT \(Self.pageMax)
                """)
            var seen = last
            for row in rows {
                guard try row.get("seq", as: Int.self) == seen + 1 else { break }
                seen += 1
                guard try row.get("cache", as: String.self) == cache else { continue }
                news.ranges.append(KeyRange(first: try row.get("first_key"), end: try row.optional("end_key")))
            }
            news.isBroken = seen != news.last
            return news
        }
    }

    /// Removes what every process has read long ago.
    func sweep() async throws {
        let end = environment.clock.now() - Self.retention
        try await database.write { try $0.run("DELETE FROM records_invalidations WHERE at < \(end)") }
    }
}

extension DatabaseFailure {
    static let missingCounter = DatabaseFailure(.corrupt, reason: "a row of records_counters is missing: restore the table from a backup")
}
