import Database

extension KeyTable {
    /// The tables of keys and sessions, for `SQLDatabase.open`. Of neither the secret is kept.
    public static let schema = Schema(
        name: "access",
        steps: [
            [
                """
                CREATE TABLE martlet_keys (
                    id text PRIMARY KEY, name text NOT NULL, hash \(type: .bytes) NOT NULL, scopes text NOT NULL, tenant text,
                    created_at \(type: .instant) NOT NULL, expires_at \(type: .instant), revoked_at \(type: .instant),
                    last_used_at \(type: .instant))
                """,
                """
                CREATE TABLE martlet_sessions (
                    hash \(type: .bytes) PRIMARY KEY, key_id text NOT NULL, expires_at \(type: .instant) NOT NULL)
                """,
                "CREATE INDEX martlet_sessions_by_key ON martlet_sessions (key_id)",
                "CREATE TABLE martlet_access (id \(type: .integer) PRIMARY KEY, version \(type: .integer) NOT NULL)",
                "INSERT INTO martlet_access (id, version) VALUES (1, 0)",
            ]
        ])
}
