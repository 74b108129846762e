import Database

/// The store's tables.
///
/// `jobs` is clustered by id, so that a job is found, claimed and settled with one descent; every index on it is partial and holds only the
/// jobs of the phase it serves, so that a million finished or delayed jobs are in nobody's way. What few jobs have is in tables beside it.
/// A *lane* is what is claimed from: the jobs
/// of one kind and one tenant in one queue. It keeps the earliest due time and the counts, so no claim and no page ever counts rows.
/// Instants and durations are whole microseconds.
enum StoreSchema {
    static let schema = Schema(name: "store", steps: [first])

    private static let first: [SQL] = queues + jobs + waits + events + rest

    private static let counts: SQL = """
        ready INTEGER NOT NULL DEFAULT 0, running INTEGER NOT NULL DEFAULT 0, waiting INTEGER NOT NULL DEFAULT 0,
        succeeded INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, cancelled INTEGER NOT NULL DEFAULT 0
        """

    private static let queues: [SQL] = [
        """
        CREATE TABLE queues (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
            concurrency INTEGER, per_tenant INTEGER, rate_count INTEGER, rate_per INTEGER, rate_burst INTEGER,
            high_water INTEGER, low_water INTEGER, retention INTEGER NOT NULL,
            paused INTEGER NOT NULL DEFAULT 0, refused_from INTEGER NOT NULL DEFAULT 4, virtual_time INTEGER NOT NULL DEFAULT 0,
            arrival INTEGER NOT NULL DEFAULT 0, \(counts))
        """,
        // One kind in one queue. `active` lanes have due jobs, `pending` ones have ready jobs.
        """
        CREATE TABLE kinds (
            id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, name TEXT NOT NULL,
            active INTEGER NOT NULL DEFAULT 0, pending INTEGER NOT NULL DEFAULT 0, \(counts), UNIQUE (queue, name))
        """,
        // `turn` repeats the tenant's, and is kept up to date while the lane is active.
        """
        CREATE TABLE lanes (
            id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, kind INTEGER NOT NULL, tenant TEXT NOT NULL,
            next_due INTEGER, active INTEGER NOT NULL DEFAULT 0, turn INTEGER NOT NULL DEFAULT 0, suspects INTEGER NOT NULL DEFAULT 0,
            \(counts), UNIQUE (queue, tenant, kind))
        """,
        "CREATE INDEX lanes_by_turn ON lanes (kind, turn, tenant) WHERE active = 1",
        "CREATE INDEX lanes_by_due ON lanes (kind, active, next_due) WHERE next_due IS NOT NULL",
        "CREATE INDEX lanes_by_kind ON lanes (kind)",
        "CREATE INDEX lanes_by_tenant ON lanes (tenant)",
        """
        CREATE TABLE shares (
            queue INTEGER NOT NULL, tenant TEXT NOT NULL, turn INTEGER NOT NULL, running INTEGER NOT NULL, PRIMARY KEY (queue, tenant)
        ) WITHOUT ROWID
        """,
    ]

    private static let jobs: [SQL] = [
        // `class` is the priority, plus 4 for a suspect. A payload or result over `JobRow.inlineMax` bytes is in `bodies`, and its
        // size, as a number, is in its place here: a transition rewrites the row, and should not rewrite a megabyte.
        """
        CREATE TABLE jobs (
            id BLOB PRIMARY KEY, lane INTEGER NOT NULL, queue INTEGER NOT NULL, class INTEGER NOT NULL, phase INTEGER NOT NULL, outcome INTEGER,
            due INTEGER NOT NULL, attempt INTEGER NOT NULL, epoch INTEGER NOT NULL, settled INTEGER NOT NULL, deaths INTEGER NOT NULL,
            max_attempts INTEGER NOT NULL, cancel INTEGER NOT NULL, node TEXT, expires INTEGER, created INTEGER NOT NULL, started INTEGER,
            finished INTEGER, timeout INTEGER, queue_timeout INTEGER, key_name TEXT, key_scope INTEGER, parent BLOB,
            parent_group TEXT, trigger_name TEXT, error_kind TEXT, error_message TEXT, labels TEXT, progress REAL, progress_message TEXT,
            payload, result
        ) WITHOUT ROWID
        """,
        "CREATE INDEX jobs_ready ON jobs (lane, class, due) WHERE phase = 0",
        "CREATE INDEX jobs_running ON jobs (node, expires) WHERE phase = 1",
        "CREATE INDEX jobs_finished ON jobs (lane, outcome) WHERE phase = 3",
        "CREATE INDEX jobs_by_finish ON jobs (queue, finished) WHERE phase = 3",
        // What few jobs have, and what a sweep has to see in time; see `Mark` and `Alarm`.
        "CREATE TABLE marks (sort INTEGER NOT NULL, name NOT NULL, job BLOB NOT NULL, PRIMARY KEY (sort, name, job)) WITHOUT ROWID",
        "CREATE TABLE alarms (sort INTEGER NOT NULL, at INTEGER NOT NULL, job BLOB NOT NULL, PRIMARY KEY (sort, at, job)) WITHOUT ROWID",
        // The kept children of a job, by group.
        """
        CREATE TABLE groups (
            parent BLOB NOT NULL, name TEXT NOT NULL, unfinished INTEGER NOT NULL, succeeded INTEGER NOT NULL, failed INTEGER NOT NULL,
            cancelled INTEGER NOT NULL, PRIMARY KEY (parent, name)
        ) WITHOUT ROWID
        """,
        "CREATE TABLE bodies (job BLOB NOT NULL, part INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (job, part)) WITHOUT ROWID",
        // The row number is the order in which a job's steps were recorded.
        """
        CREATE TABLE steps (
            position INTEGER PRIMARY KEY, job BLOB NOT NULL, name TEXT NOT NULL, state INTEGER NOT NULL, at INTEGER NOT NULL,
            result BLOB NOT NULL, UNIQUE (job, name))
        """,
    ]

    private static let waits: [SQL] = [
        // What the waiting jobs wait for: condition 0 an event of `name`, 1 the children of group `name`, 2 a turn of trigger `name`.
        """
        CREATE TABLE waits (
            job BLOB PRIMARY KEY, condition INTEGER NOT NULL, name TEXT NOT NULL, type TEXT, after INTEGER, step TEXT, deadline INTEGER
        ) WITHOUT ROWID
        """,
        "CREATE INDEX waits_by_name ON waits (condition, name, type)",
        """
        CREATE TABLE keys (
            tenant TEXT NOT NULL, name TEXT NOT NULL, job BLOB NOT NULL, scope INTEGER NOT NULL, expires INTEGER, PRIMARY KEY (tenant, name)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX keys_by_expiry ON keys (expires) WHERE expires IS NOT NULL",
    ]

    private static let events: [SQL] = [
        // `job` is set where the stream belongs to a job that was there when it began: such a stream goes when its job goes.
        """
        CREATE TABLE streams (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, last INTEGER NOT NULL, first INTEGER NOT NULL, oldest INTEGER, job BLOB)
        """,
        "CREATE INDEX streams_by_age ON streams (oldest) WHERE oldest IS NOT NULL AND job IS NULL AND name <> 'audit'",
        """
        CREATE TABLE events (
            stream INTEGER NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY (stream, sequence)
        ) WITHOUT ROWID
        """,
    ]

    private static let rest: [SQL] = [
        "CREATE TABLE nodes (name TEXT PRIMARY KEY, expires INTEGER NOT NULL, generation INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
        """
        CREATE TABLE triggers (
            name TEXT PRIMARY KEY, definition BLOB NOT NULL, topic TEXT, revision INTEGER NOT NULL, next_slot INTEGER, last_slot INTEGER,
            created INTEGER NOT NULL
        ) WITHOUT ROWID
        """,
        "CREATE TABLE buckets (name TEXT PRIMARY KEY, arrival INTEGER NOT NULL) WITHOUT ROWID",
        """
        CREATE TABLE leases (name TEXT PRIMARY KEY, owner TEXT NOT NULL, epoch INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID
        """,
    ]
}
