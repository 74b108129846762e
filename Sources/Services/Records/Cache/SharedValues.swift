import Database
import MartletCore

/// The values of one cache that all processes share. Every write is checked against the epoch of the lease under which its value was computed and
/// against the generation of its key, in the statement that writes.
struct SharedValues: Sendable {
    /// A value as it stands in its row.
    struct Stored: Sendable {
        var value: [UInt8]?
        var cost: Duration
        /// How long it is good for from now; below zero where it is over.
        var left: Duration
    }

    enum Beginning: Sendable {
        /// Somebody has computed it meanwhile.
        case filled(Stored)
        /// The write must name this generation.
        case begun(generation: Int)
        /// A computation with a later epoch has begun: this one is to stop.
        case refused
    }

    /// How long the row of a key is kept after its last use, at least: it is the fence against a late write.
    private static let fenceTime: Duration = .seconds(86_400)

    let cache: String
    let database: SQLDatabase
    let environment: Environment

    /// - Returns: the value, or `nil` where there is none.
    func read(_ key: String) async throws -> Stored? {
        let (now, select) = (environment.clock.now(), select(key))
        return try await database.read { try $0.rows(select).first.flatMap { try Self.stored($0, at: now) } }
    }

    /// Marks that a computation has begun: from here on no earlier one can write.
    /// - Parameter left: a value that is good for longer than this needs no computation.
    func begin(_ key: String, epoch: Int, unlessGoodFor left: Duration) async throws -> Beginning {
        let (now, select) = (environment.clock.now(), select(key))
        let cache = cache
        let bytes = Array(key.utf8)
        return try await database.write { connection in
            if let row = try connection.rows(select + .lockingRow).first, let stored = try Self.stored(row, at: now), stored.left > left {
                return .filled(stored)
            }
            let begun = try connection.rows(
                """
                INSERT INTO records_cache (cache, key, epoch, generation, keep_until)
                VALUES (\(cache), \(bytes), \(epoch), \(0), \(now + Self.fenceTime))
                ON CONFLICT (cache, key) DO UPDATE SET epoch = excluded.epoch, keep_until =
                    CASE WHEN records_cache.keep_until > excluded.keep_until THEN records_cache.keep_until ELSE excluded.keep_until END
                WHERE records_cache.epoch <= excluded.epoch
                RETURNING generation
                """)
            return try begun.first.map { .begun(generation: try $0.get("generation")) } ?? .refused
        }
    }

    /// Writes a value.
    /// - Returns: `false` where it came too late: another computation has begun, or the key was invalidated.
    func fill(_ key: String, _ landing: Landing, staleFor: Duration, epoch: Int, generation: Int) async throws -> Bool {
        let (now, cache) = (environment.clock.now(), cache)
        let bytes = Array(key.utf8)
        let expiry = now + landing.freshFor
        let keepUntil = max(expiry + staleFor, now + Self.fenceTime)
        return try await database.write { connection in
            try connection.run(
                """
                UPDATE records_cache SET value = \(landing.value), cost = \(landing.cost.microseconds), computed_at = \(now),
                    expires_at = \(expiry), keep_until = \(keepUntil)
                WHERE cache = \(cache) AND key = \(bytes) AND epoch = \(epoch) AND generation = \(generation)
                """) == 1
        }
    }

    /// Removes rows that nobody needs any more, at most `limit`.
    /// - Returns: how many.
    func sweep(limit: Int) async throws -> Int {
        let now = environment.clock.now()
        return try await database.write { connection in
            try connection.run(
                """
                DELETE FROM records_cache WHERE (cache, key) IN (
                    SELECT cache, key FROM records_cache WHERE keep_until < \(now) ORDER BY keep_until LIMIT \(limit))
                """)
        }
    }

    private func select(_ key: String) -> SQL {
        "SELECT value, cost, expires_at FROM records_cache WHERE cache = \(cache) AND key = \(Array(key.utf8))"
    }

    private static func stored(_ row: Row, at now: Timestamp) throws -> Stored? {
        guard let expiry = try row.optional("expires_at", as: Timestamp.self) else { return nil }
        return Stored(value: try row.optional("value"), cost: .microseconds(try row.optional("cost") ?? Int64(0)), left: expiry - now)
    }
}
