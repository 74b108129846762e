import Database

extension Schema {
    /// The tables of this target. Their names begin with `records_`, so that they can share a database with anybody's.
    public static let records = Schema(name: "records", steps: [log + cache + settings + blobs])

    /// Text that is compared byte by byte, so that a range of names is the same range in both engines.
    private static let name = SQL.either(sqlite: "TEXT NOT NULL", postgres: "text COLLATE \"C\" NOT NULL")

    private static let log: [SQL] = [
        "CREATE TABLE records_counters (name \(name) PRIMARY KEY, last \(type: .integer) NOT NULL)",
        "INSERT INTO records_counters (name, last) VALUES ('log', 0), ('invalidations', 0)",
        """
        CREATE TABLE records_log (
            seq \(type: .integer) PRIMARY KEY, at \(type: .instant) NOT NULL, level \(type: .integer) NOT NULL, category \(name),
            node \(type: .text) NOT NULL, message \(type: .text) NOT NULL, metadata \(type: .text) NOT NULL)
        """,
        "CREATE INDEX records_log_category ON records_log (category, seq)",
        "CREATE INDEX records_log_at ON records_log (at)",
    ]

    /// A row of the cache is a fence before it is a value: `epoch` is that of the latest computation that has begun, `generation` grows with
    /// every invalidation, and a value is written only where both are still what they were when its computation began.
    private static let cache: [SQL] = [
        """
        CREATE TABLE records_cache (
            cache \(name), key \(type: .bytes) NOT NULL, epoch \(type: .integer) NOT NULL, generation \(type: .integer) NOT NULL,
            value \(type: .bytes), cost \(type: .integer), computed_at \(type: .instant), expires_at \(type: .instant),
            keep_until \(type: .instant) NOT NULL, PRIMARY KEY (cache, key))
        """,
        "CREATE INDEX records_cache_keep_until ON records_cache (keep_until)",
        """
        CREATE TABLE records_invalidations (
            seq \(type: .integer) PRIMARY KEY, at \(type: .instant) NOT NULL, cache \(name), first_key \(type: .bytes) NOT NULL,
            end_key \(type: .bytes))
        """,
    ]

    private static let settings: [SQL] = [
        """
        CREATE TABLE records_settings (
            tenant \(name), entity \(name), name \(name), value \(type: .text) NOT NULL, updated_at \(type: .instant) NOT NULL,
            PRIMARY KEY (tenant, entity, name))
        """
    ]

    private static let blobs: [SQL] = [
        """
        CREATE TABLE records_blobs (
            digest \(type: .bytes) PRIMARY KEY, size \(type: .integer) NOT NULL, created_at \(type: .instant) NOT NULL,
            is_doomed \(type: .boolean) NOT NULL)
        """,
        """
        CREATE TABLE records_blob_owners (
            tenant \(name), owner \(name), digest \(type: .bytes) NOT NULL, created_at \(type: .instant) NOT NULL,
            PRIMARY KEY (tenant, owner, digest))
        """,
        "CREATE INDEX records_blob_owners_digest ON records_blob_owners (digest, tenant)",
        """
        CREATE TABLE records_blob_tenants (
            tenant \(name) PRIMARY KEY, bytes \(type: .integer) NOT NULL, quota \(type: .integer))
        """,
    ]
}
