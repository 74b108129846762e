import MartletCore

extension PostgresDatabase {
    /// Brings the tables up to this build's version, each step in a transaction of its own, while others work.
    /// - Throws: `corrupt` where a newer build has been here.
    func migrate(_ schema: Schema) async throws {
        try await transaction { connection in
            try connection.run("SELECT pg_advisory_xact_lock(hashtext('martlet.schema_versions'))")
            try connection.run("CREATE SCHEMA IF NOT EXISTS martlet")
            try connection.run("CREATE TABLE IF NOT EXISTS martlet.schema_versions (name text PRIMARY KEY, version bigint NOT NULL)")
            let stored: Int = try connection.rows("SELECT version FROM martlet.schema_versions WHERE name = \(schema.name)").first?.get(0) ?? 0
            for step in try schema.missing(from: stored) {
                for statement in step { try connection.run(statement) }
            }
            try connection.run(
                """
                INSERT INTO martlet.schema_versions (name, version) VALUES (\(schema.name), \(schema.steps.count))
                ON CONFLICT (name) DO UPDATE SET version = excluded.version
                """)
        }
    }
}
