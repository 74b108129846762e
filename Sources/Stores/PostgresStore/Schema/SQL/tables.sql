-- Everything lives in one schema. A line of dashes ends a statement.
--
-- A job is one row: in `live` until it finishes, then in `finished`, so that the table that is written all the time stays as small as the
-- work in hand. Names of queues, kinds and tenants are kept once, in `lanes`. Instants are timestamptz, spans are bigint microseconds.
--
-- Every function that is called from outside does without whole scans, hashes and merges: its plans are made once, often while a table is
-- empty, and must be right when there are millions of rows. `phase + 0` keeps a job that is looked for by its id from being looked for
-- among all jobs of its phase.
--
-- Locks are taken in this order: queues (by name), key buckets, triggers (advisory, by name), streams (by name), groups, jobs (by id).
CREATE SEQUENCE martlet.generations
----
CREATE TABLE martlet.queues (
    name text COLLATE "C" PRIMARY KEY,
    concurrency bigint,
    per_tenant bigint,
    rate_count bigint,
    rate_per bigint,
    rate_burst bigint,
    high_water bigint,
    low_water bigint,
    retention bigint NOT NULL DEFAULT 604800000000,
    paused boolean NOT NULL DEFAULT false,
    -- The most urgent priority that is being refused.
    refused_from int NOT NULL DEFAULT 4,
    -- Theoretical arrival time of the rate's cells, in nanoseconds since 1970.
    arrival bigint NOT NULL DEFAULT 0,
    -- The fair share's virtual time.
    virtual bigint NOT NULL DEFAULT 0,
    -- Its jobs, as far as they have been folded.
    ready bigint NOT NULL DEFAULT 0,
    running bigint NOT NULL DEFAULT 0,
    -- No awake head has an earlier turn, and none that sleeps is due by then: a claim begins its search there, behind the entries of heads
    -- that have moved on, which stay in the index for as long as anybody has an old transaction open.
    floor bigint NOT NULL DEFAULT 0,
    woken timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50)
----
CREATE TABLE martlet.lanes (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    UNIQUE (queue, tenant, kind)
)
----
-- The kinds that a queue has ever had.
CREATE TABLE martlet.kinds (
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    PRIMARY KEY (queue, kind)
)
----
-- The lanes that have ready jobs, and where these begin: what a claim looks at, so that it costs nothing how many lanes there are besides.
-- Written under the lock of the queue's row alone: by `fold`, from the deltas, and by whoever has looked at the jobs themselves.
CREATE TABLE martlet.heads (
    lane int PRIMARY KEY,
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    -- The tenant's (see `shares`), true while the head is awake.
    turn bigint NOT NULL,
    -- No ready job of the lane is due earlier; nor one of each class.
    due timestamptz NOT NULL,
    marks timestamptz[] NOT NULL,
    -- Whether that has come.
    awake boolean NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0)
----
CREATE INDEX heads_by_turn ON martlet.heads (queue, kind, turn, tenant) WHERE awake
----
CREATE INDEX heads_by_due ON martlet.heads (queue, kind, awake, due)
----
CREATE TABLE martlet.live (
    id uuid PRIMARY KEY,
    due timestamptz NOT NULL,
    created timestamptz NOT NULL,
    started timestamptz,
    finished timestamptz,
    -- The end of a lease of its own; null where it lives as long as its node.
    expires timestamptz,
    -- When a sweep has to look at it: a queue timeout, the end of a lease, a deadline.
    alarm timestamptz,
    epoch bigint NOT NULL DEFAULT 0,
    settled bigint NOT NULL DEFAULT 0,
    timeout bigint,
    queue_timeout bigint,
    wait_after bigint,
    wait_deadline bigint,
    progress double precision,
    lane int NOT NULL,
    attempt int NOT NULL DEFAULT 0,
    deaths int NOT NULL DEFAULT 0,
    max_attempts int NOT NULL,
    priority smallint NOT NULL,
    -- The priority, plus 4 for a suspect: suspects are mostly passed over.
    class smallint NOT NULL,
    -- 0 ready, 1 running, 2 waiting, 3 finished.
    phase smallint NOT NULL DEFAULT 0,
    -- 0 succeeded, 1 failed, 2 cancelled.
    outcome smallint,
    -- 0 until finished, 1 for ever, 2 a window.
    key_scope smallint,
    -- 0 an event, 1 children, 2 its turn.
    wait_kind smallint,
    cancel boolean NOT NULL DEFAULT false,
    has_steps boolean NOT NULL DEFAULT false,
    parent uuid,
    parent_group text COLLATE "C",
    trigger text COLLATE "C",
    key text COLLATE "C",
    node text COLLATE "C",
    wait_name text COLLATE "C",
    wait_type text COLLATE "C",
    wait_step text COLLATE "C",
    progress_message text,
    error_kind text,
    error_message text,
    labels jsonb,
    payload text NOT NULL,
    result text
) WITH (fillfactor = 70, toast_tuple_target = 1024, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.5, autovacuum_analyze_threshold = 10000)
----
CREATE INDEX live_ready ON martlet.live (lane, class, due, id) WHERE phase = 0
----
CREATE INDEX live_running ON martlet.live (node, started) WHERE phase = 1
----
CREATE INDEX live_suspect ON martlet.live (node) WHERE phase = 1 AND deaths >= 2
----
CREATE INDEX live_to_stop ON martlet.live (node) WHERE phase = 1 AND cancel
----
-- Apart, because leases end nearly always long before they expire: nobody looks for other alarms among what they leave behind.
CREATE INDEX live_alarm ON martlet.live (alarm) WHERE phase <> 1 AND alarm IS NOT NULL
----
CREATE INDEX live_expiry ON martlet.live (alarm) WHERE phase = 1 AND alarm IS NOT NULL
----
CREATE INDEX live_awaits ON martlet.live (wait_name, wait_type) WHERE phase = 2 AND wait_kind = 0
----
CREATE INDEX live_trigger ON martlet.live (trigger, id) WHERE trigger IS NOT NULL
----
CREATE INDEX live_parent ON martlet.live (parent, id) WHERE parent IS NOT NULL
----
CREATE INDEX live_key ON martlet.live (key, id) WHERE key IS NOT NULL
----
-- By id, that is by the day on which the job was made: an id is looked for in one partition, and retention drops whole ones.
CREATE TABLE martlet.finished (LIKE martlet.live INCLUDING DEFAULTS, PRIMARY KEY (id)) PARTITION BY RANGE (id)
----
-- Ids that are no version 7, or of a day that nobody prepared.
CREATE TABLE martlet.finished_other PARTITION OF martlet.finished DEFAULT WITH (toast_tuple_target = 1024)
----
CREATE INDEX finished_by_end ON martlet.finished (lane, finished, id)
----
CREATE INDEX finished_trigger ON martlet.finished (trigger, id) WHERE trigger IS NOT NULL
----
CREATE INDEX finished_parent ON martlet.finished (parent, id) WHERE parent IS NOT NULL
----
CREATE INDEX finished_key ON martlet.finished (key, id) WHERE key IS NOT NULL
----
-- How many jobs of each lane stand where: the base, and what has been added since it was last folded in. Nobody updates a hot row.
CREATE TABLE martlet.tallies (
    lane int PRIMARY KEY,
    ready bigint NOT NULL DEFAULT 0,
    running bigint NOT NULL DEFAULT 0,
    waiting bigint NOT NULL DEFAULT 0,
    succeeded bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    cancelled bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50)
----
--
-- Kept by the second in which they were added: a slot that nobody adds to any more, and that has been folded, is emptied as a whole, because
-- what is deleted from it stays for as long as anybody has an old transaction open.
CREATE SEQUENCE martlet.delta_seq
----
CREATE TABLE martlet.deltas (
    slot smallint NOT NULL DEFAULT extract(epoch FROM clock_timestamp())::bigint / 2 % 4,
    seq bigint NOT NULL DEFAULT nextval('martlet.delta_seq'),
    lane int NOT NULL,
    -- The class and the earliest due time of jobs that have become ready.
    class smallint,
    due timestamptz,
    queue text COLLATE "C" NOT NULL,
    ready int NOT NULL DEFAULT 0,
    running int NOT NULL DEFAULT 0,
    waiting int NOT NULL DEFAULT 0,
    succeeded int NOT NULL DEFAULT 0,
    failed int NOT NULL DEFAULT 0,
    cancelled int NOT NULL DEFAULT 0,
    -- Jobs handed out that the fair share has not been told of.
    served int NOT NULL DEFAULT 0
) PARTITION BY LIST (slot)
----
CREATE TABLE martlet.deltas_0 PARTITION OF martlet.deltas FOR VALUES IN (0)
----
CREATE TABLE martlet.deltas_1 PARTITION OF martlet.deltas FOR VALUES IN (1)
----
CREATE TABLE martlet.deltas_2 PARTITION OF martlet.deltas FOR VALUES IN (2)
----
CREATE TABLE martlet.deltas_3 PARTITION OF martlet.deltas FOR VALUES IN (3)
----
CREATE INDEX deltas_of_queue ON martlet.deltas (queue)
----
-- The finish tag of a tenant's last job in a queue (see FairShare).
CREATE TABLE martlet.shares (
    queue text COLLATE "C" NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    turn bigint NOT NULL,
    PRIMARY KEY (queue, tenant)
) WITH (fillfactor = 70)
----
CREATE TABLE martlet.keys (
    tenant text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    job uuid NOT NULL,
    -- Set for a window alone.
    expires timestamptz,
    until_finished boolean NOT NULL,
    PRIMARY KEY (tenant, name)
)
----
CREATE INDEX keys_expiry ON martlet.keys (expires) WHERE expires IS NOT NULL
----
-- The children of a waiting or coming wait, counted.
CREATE TABLE martlet.groups (
    parent uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    unfinished bigint NOT NULL DEFAULT 0,
    succeeded bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    cancelled bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (parent, name)
) WITH (fillfactor = 70)
----
CREATE TABLE martlet.nodes (
    name text COLLATE "C" PRIMARY KEY,
    generation bigint NOT NULL
)
----
-- Signs of life; the last one of a node counts. Added to, not updated: a node that claims a thousand times a second has no hot row.
CREATE TABLE martlet.beats (
    node text COLLATE "C" NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    expires timestamptz NOT NULL,
    PRIMARY KEY (node, seq)
)
----
CREATE TABLE martlet.steps (
    job uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    -- In this order they were recorded.
    seq bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    -- 0 intended, 1 done.
    state smallint NOT NULL,
    result text NOT NULL,
    PRIMARY KEY (job, name)
)
----
CREATE TABLE martlet.streams (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    -- The last number given out whose event has been removed.
    pruned bigint NOT NULL DEFAULT 0
)
----
CREATE TABLE martlet.events (
    stream bigint NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    type text COLLATE "C" NOT NULL,
    data text NOT NULL,
    PRIMARY KEY (stream, seq)
)
----
CREATE TABLE martlet.triggers (
    name text COLLATE "C" PRIMARY KEY,
    revision bigint NOT NULL,
    next_slot timestamptz,
    last_slot timestamptz,
    created timestamptz NOT NULL,
    paused boolean NOT NULL,
    -- 0 skip, 1 queue, 2 cancel.
    overlap smallint NOT NULL,
    topic text COLLATE "C",
    schedule text NOT NULL,
    definition text NOT NULL
)
----
CREATE TABLE martlet.buckets (name text COLLATE "C" PRIMARY KEY, arrival bigint NOT NULL)
----
CREATE TABLE martlet.leases (
    name text COLLATE "C" PRIMARY KEY,
    epoch bigint NOT NULL,
    owner text COLLATE "C" NOT NULL,
    expires timestamptz NOT NULL
)
----
-- Counts the changes of triggers on topics, so that whoever has read them knows whether they are still true.
CREATE TABLE martlet.topics (version bigint NOT NULL)
----
INSERT INTO martlet.topics VALUES (1)
----
CREATE VIEW martlet.live_jobs AS
SELECT j.id, l.kind, l.queue, l.tenant, j.priority, j.payload, j.key, j.labels, j.timeout, j.queue_timeout, j.max_attempts, j.parent,
    j.parent_group, j.trigger, j.phase, j.outcome, j.attempt, j.epoch, j.settled, j.deaths, j.node, j.cancel, j.due, j.created, j.started,
    j.finished, j.wait_kind, j.wait_name, j.wait_type, j.wait_after, j.wait_step, j.wait_deadline, j.progress, j.progress_message, j.result,
    j.error_kind, j.error_message, j.has_steps
FROM martlet.live j JOIN martlet.lanes l ON l.id = j.lane
----
CREATE VIEW martlet.finished_jobs AS
SELECT j.id, l.kind, l.queue, l.tenant, j.priority, j.payload, j.key, j.labels, j.timeout, j.queue_timeout, j.max_attempts, j.parent,
    j.parent_group, j.trigger, j.phase, j.outcome, j.attempt, j.epoch, j.settled, j.deaths, j.node, j.cancel, j.due, j.created, j.started,
    j.finished, j.wait_kind, j.wait_name, j.wait_type, j.wait_after, j.wait_step, j.wait_deadline, j.progress, j.progress_message, j.result,
    j.error_kind, j.error_message, j.has_steps
FROM martlet.finished j JOIN martlet.lanes l ON l.id = j.lane
----
-- Every job, as programs and people read it.
CREATE VIEW martlet.jobs AS SELECT * FROM martlet.live_jobs UNION ALL SELECT * FROM martlet.finished_jobs
