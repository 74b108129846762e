import Database
import Logging
import MartletCore

/// What all processes have logged, kept in the database: filtered by category, level and time, paged by number, exported as lines of JSON.
///
/// `run()` writes what a `LogBuffer` has gathered, in batches and outside the way of whoever logs. A process that is killed loses its last quarter
/// of a second of log.
public final class SystemLog: LogSource {
    /// Records of one write.
    private static let batchMax = 500
    /// Rows of one statement.
    private static let rowsMax = 50
    /// How long a first record waits for company, so that a busy process writes four times a second and not for each line.
    private static let gathering: Duration = .milliseconds(250)
    private static let pruneInterval: Duration = .seconds(60)
    private static let pruneMax = 5000

    private let buffer: LogBuffer
    private let database: SQLDatabase
    private let retention: LogRetention
    private let environment: Environment

    public init(_ buffer: LogBuffer, in database: SQLDatabase, retention: LogRetention = LogRetention(), environment: Environment) {
        self.buffer = buffer
        self.database = database
        self.retention = retention
        self.environment = environment
    }

    /// Runs beside `body`, and then writes what is left.
    /// - Throws: what `body` throws.
    public func whileRunning<Value>(_ body: () async throws -> Value) async throws -> Value {
        let result: Result<Value, any Error> = await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.run() }
            defer { group.cancelAll() }
            do {
                return .success(try await body())
            } catch {
                return .failure(error)
            }
        }
        do {
            try await flush()
        } catch {
            // The terminal has what could not be written, and the database may be why this ends.
        }
        return try result.get()
    }

    /// Writes and prunes until cancelled. `flush` then writes what is left.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.pruneAlways() }
            await writeAlways()
            group.cancelAll()
        }
    }

    // MARK: Writing

    private func writeAlways() async {
        var pace = Backoff(base: Self.gathering, max: .seconds(10))
        while !Task.isCancelled {
            do {
                try await flush()
                pace.succeeded()
            } catch {
                // Nothing is logged about the log that cannot be written: the terminal has the records, and the buffer counts what it drops.
                await pause(pace.failed(environment))
                continue
            }
            for await _ in buffer.filled { break }
            await pause(Self.gathering)
        }
    }

    /// Writes what was logged up to now.
    /// - Throws: `DatabaseFailure`: what is not written stays in the buffer.
    public func flush() async throws {
        while true {
            let batch = buffer.first(Self.batchMax)
            if batch.isEmpty { return }
            try await write(batch)
            buffer.remove(batch)
        }
    }

    private func write(_ batch: [LogRecord]) async throws {
        try await database.write { connection in
            // The row is locked until the commit, so numbers become visible in their order: whoever reads on from one misses none.
            let rows = try connection.rows("UPDATE records_counters SET last = last + \(batch.count) WHERE name = 'log' RETURNING last")
            guard let last = try rows.first?.get("last", as: Int.self) else { throw DatabaseFailure.missingCounter }
            let values = batch.enumerated().map { Self.values($1, sequence: last - batch.count + 1 + $0) }
            // Statements of two lengths alone, so that they stay prepared.
            let whole = values.count - values.count % Self.rowsMax
            for start in stride(from: 0, to: whole, by: Self.rowsMax) {
                try connection.run(Self.insert(Array(values[start..<(start + Self.rowsMax)])))
            }
            for value in values[whole...] { try connection.run(Self.insert([value])) }
        }
    }

    private static func values(_ record: LogRecord, sequence: Int) -> SQL {
        """
        (\(sequence), \(record.at), \(record.level.rank), \(record.category), \(record.node), \(record.message), \
        \(LogRecord.json(record.metadata).description))
        """
    }

    private static func insert(_ rows: [SQL]) -> SQL {
        "INSERT INTO records_log (seq, at, level, category, node, message, metadata) VALUES \(SQL.joined(rows, by: ", "))"
    }

    private func pause(_ duration: Duration) async {
        do {
            try await environment.clock.sleep(for: duration)
        } catch {
            // Cancelled: the loop that paused looks for itself.
        }
    }

    // MARK: Retention

    private func pruneAlways() async {
        while !Task.isCancelled {
            do {
                while try await prune() {}
            } catch {
                // Tried again in a minute; a log about the log would be in it.
            }
            await pause(Self.pruneInterval)
        }
    }

    /// Removes some of what retention no longer keeps.
    /// - Returns: whether there may be more.
    public func prune() async throws -> Bool {
        let oldest = environment.clock.now() - retention.age
        let count = retention.count
        let removed = try await database.write { connection in
            let old = try connection.run(
                "DELETE FROM records_log WHERE seq IN (SELECT seq FROM records_log WHERE at < \(oldest) ORDER BY at LIMIT \(Self.pruneMax))")
            let many = try connection.run(
                """
                DELETE FROM records_log WHERE seq IN (
                    SELECT seq FROM records_log WHERE seq <= (SELECT last FROM records_counters WHERE name = 'log') - \(count)
                    ORDER BY seq LIMIT \(Self.pruneMax))
                """)
            return max(old, many)
        }
        return removed == Self.pruneMax
    }

    // MARK: Reading

    private static let columns: SQL = "SELECT seq, at, level, category, node, message, metadata FROM records_log"

    public func records(_ query: LogQuery) async throws -> [LogRecord] {
        let select = Self.select(query)
        return try await database.read { connection in try connection.rows(select).map(Self.record) }
    }

    public func record(_ sequence: Int) async throws -> LogRecord? {
        try await database.read { connection in
            try connection.rows("\(Self.columns) WHERE seq = \(sequence)").first.map(Self.record)
        }
    }

    private static func select(_ query: LogQuery) -> SQL {
        var conditions: [SQL] = []
        if query.level > .trace { conditions.append("level >= \(query.level.rank)") }
        if let category = query.category {
            // Everything below it lies between the dot and what follows the dot in ASCII.
            conditions.append("(category = \(category) OR (category > \(category + ".") AND category < \(category + "/")))")
        }
        if let since = query.since { conditions.append("at >= \(since)") }
        if let until = query.until { conditions.append("at < \(until)") }
        if let after = query.after { conditions.append("seq > \(after)") }
        if let before = query.before { conditions.append("seq < \(before)") }
        var sql = columns
        if !conditions.isEmpty { sql += " WHERE " + SQL.joined(conditions, by: " AND ") }
        sql += query.order == .newestFirst ? " ORDER BY seq DESC" : " ORDER BY seq"
        return sql + " LIMIT \(min(max(query.limit, 1), LogQuery.limitMax))"
    }

    private static func record(_ row: Row) throws -> LogRecord {
        var metadata: [String: String] = [:]
        if case .object(let members) = try JSON(parsing: try row.get("metadata", as: String.self)) {
            for member in members { metadata[member.name] = member.value.stringValue }
        }
        return LogRecord(
            sequence: try row.get("seq"), at: try row.get("at"), level: Logger.Level(rank: try row.get("level")), category: try row.get("category"),
            node: try row.get("node"), message: try row.get("message"), metadata: metadata)
    }
}

extension Logger.Level {
    /// From 0 for `trace` to 6 for `critical`.
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    fileprivate init(rank: Int) {
        self = Self.allCases[min(max(rank, 0), Self.allCases.count - 1)]
    }
}
