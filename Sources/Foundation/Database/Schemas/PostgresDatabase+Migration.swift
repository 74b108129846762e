import MartletCore

extension PostgresDatabase {
    /// Brings the tables up to this build's version while others work: each step in a transaction of its own, under a lock that lets one
    /// process migrate at a time. A step that waits for a table longer than `migrationLockTimeout` lets go and tries again, so that
    /// nobody queues up behind it.
    /// - Throws: `corrupt` where a newer build has been here.
    func migrate(_ schema: Schema) async throws {
        let end = environment.clock.uptime() + settings.migrationMax
        var backoff = Backoff(base: .milliseconds(50), max: .seconds(2))
        var isDone = try await run { connection in
            guard try Self.hasVersions(connection) else { return false }
            return try schema.missing(from: Self.version(of: schema, connection)).isEmpty
        }
        while !isDone {
            do {
                isDone = try await transaction { try Self.step(schema, $0) }
            } catch let failure as DatabaseFailure where failure.sqlState == "55P03" && environment.clock.uptime() < end {
                try await environment.clock.sleep(for: backoff.failed(environment))
            }
        }
    }

    /// Applies one step.
    /// - Returns: whether it was the last.
    private static func step(_ schema: Schema, _ connection: PostgresConnection) throws -> Bool {
        // An index on a large table takes its time.
        connection.statementTimeout = .seconds(86_400)
        let patience = String(connection.settings.migrationLockTimeout.microseconds / 1000)
        try connection.run("SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', \(patience), true)")
        try connection.run("SELECT pg_advisory_xact_lock(\(lock))")
        if try !hasVersions(connection) {
            // Only where it is missing: the right to create it is not needed afterwards. The look-up may still answer from before the lock was
            // waited for, since it heeds no change of the catalogue that it has cached.
            try connection.run("CREATE SCHEMA IF NOT EXISTS martlet")
            try connection.run("CREATE TABLE IF NOT EXISTS martlet.schema_versions (name text PRIMARY KEY, version bigint NOT NULL)")
        }
        let stored = try version(of: schema, connection)
        let missing = try schema.missing(from: stored)
        guard let step = missing.first else { return true }
        for statement in step { try connection.run(statement) }
        try connection.run(
            """
            INSERT INTO martlet.schema_versions (name, version) VALUES (\(schema.name), \(stored + 1))
            ON CONFLICT (name) DO UPDATE SET version = excluded.version
            """)
        return missing.count == 1
    }

    /// "martlet" in ASCII: one number for every process that migrates.
    private static let lock: Int64 = 0x6D61_7274_6C65_74

    private static func hasVersions(_ connection: PostgresConnection) throws -> Bool {
        try connection.rows("SELECT to_regclass('martlet.schema_versions') IS NOT NULL")[0].get(0)
    }

    private static func version(of schema: Schema, _ connection: PostgresConnection) throws -> Int {
        try connection.rows("SELECT version FROM martlet.schema_versions WHERE name = \(schema.name)").first?.get(0) ?? 0
    }
}
