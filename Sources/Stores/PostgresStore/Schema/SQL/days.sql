-- The first id of version 7 that is made at an instant.
CREATE FUNCTION martlet.first_id(p_at timestamptz) RETURNS uuid
LANGUAGE sql STABLE AS $$ SELECT (lpad(to_hex((extract(epoch FROM p_at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid $$
----
-- Makes the partitions of today and the next seven days. A day that finds rows in the way, or nobody let go of the table, is tried again later;
-- until then its jobs are kept with the others.
CREATE FUNCTION martlet.prepare_days(p_now timestamptz) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '1s' SET jit = off AS $$
DECLARE
    v_day timestamptz := date_trunc('day', p_now AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    v_name text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('martlet.finished', 0));
    FOR i IN 0..7 LOOP
        v_name := 'finished_' || to_char(v_day AT TIME ZONE 'UTC', 'YYYYMMDD');
        IF to_regclass('martlet.' || v_name) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE TABLE martlet.%I PARTITION OF martlet.finished FOR VALUES FROM (%L) TO (%L) WITH (toast_tuple_target = 1024)',
                    v_name, martlet.first_id(v_day), martlet.first_id(v_day + interval '24 hours'));
            EXCEPTION WHEN check_violation OR lock_not_available THEN NULL;
            END;
        END IF;
        v_day := v_day + interval '24 hours';
    END LOOP;
END $$
----
-- Drops the partitions of days gone by that hold nothing more, and large ones in which every job is past its queue's retention; answers how
-- many jobs went with them. Small ones are left to `prune_jobs`, which counts.
CREATE FUNCTION martlet.drop_days(p_now timestamptz, p_floor timestamptz) RETURNS bigint
LANGUAGE plpgsql SET jit = off AS $$
DECLARE
    v_now timestamptz := martlet.clock(p_now, p_floor);
    v_removed bigint := 0;
    v_holds boolean;
    v_count bigint;
    v_part record;
BEGIN
    FOR v_part IN
        SELECT c.relname AS name, c.reltuples > 100000 AS is_large FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'martlet.finished'::regclass AND c.relname ~ '^finished_[0-9]{8}$'
            AND to_timestamp(right(c.relname, 8), 'YYYYMMDD') + interval '48 hours' < v_now
        ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM martlet.%I)', v_part.name) INTO v_holds;
        v_count := 0;
        IF v_holds THEN
            CONTINUE WHEN NOT v_part.is_large;
            EXECUTE format('SELECT EXISTS (SELECT FROM martlet.queues q JOIN martlet.lanes l ON l.queue = q.name CROSS JOIN LATERAL (
                SELECT FROM martlet.%I f WHERE f.lane = l.id AND f.finished > $1 - q.retention * interval ''1 microsecond'' LIMIT 1) kept)',
                v_part.name) INTO v_holds USING v_now;
            CONTINUE WHEN v_holds;
            -- Nobody revives one of these jobs, or finishes one as late, while they are counted.
            EXECUTE format('LOCK TABLE martlet.%I IN SHARE MODE', v_part.name);
            v_count := martlet.count_out(v_part.name);
        END IF;
        EXECUTE format('DROP TABLE martlet.%I', v_part.name);
        v_removed := v_removed + v_count;
    END LOOP;
    RETURN v_removed;
END $$
----
-- Takes the jobs of a partition out of the counts, with their steps and streams.
CREATE FUNCTION martlet.count_out(p_part text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE v_count bigint;
BEGIN
    EXECUTE format('DELETE FROM martlet.steps s USING martlet.%I f WHERE f.has_steps AND s.job = f.id', p_part);
    EXECUTE format('WITH gone AS (DELETE FROM martlet.streams t USING martlet.%I f WHERE t.name = ''job/'' || f.id RETURNING t.id)
        DELETE FROM martlet.events e USING gone WHERE e.stream = gone.id', p_part);
    EXECUTE format('UPDATE martlet.groups g SET succeeded = g.succeeded - c.succeeded, failed = g.failed - c.failed,
            cancelled = g.cancelled - c.cancelled
        FROM (SELECT parent, parent_group, count(*) FILTER (WHERE outcome = 0) AS succeeded, count(*) FILTER (WHERE outcome = 1) AS failed,
                count(*) FILTER (WHERE outcome = 2) AS cancelled
            FROM martlet.%I WHERE parent IS NOT NULL GROUP BY parent, parent_group) c
        WHERE g.parent = c.parent AND g.name = c.parent_group', p_part);
    DELETE FROM martlet.groups WHERE unfinished + succeeded + failed + cancelled = 0 AND NOT EXISTS (SELECT FROM martlet.live WHERE id = parent);
    EXECUTE format('WITH counted AS (SELECT lane, outcome, count(*) AS jobs FROM martlet.%I GROUP BY lane, outcome), gone AS (
            INSERT INTO martlet.deltas (queue, lane, succeeded, failed, cancelled)
            SELECT l.queue, l.id, -coalesce(sum(jobs) FILTER (WHERE outcome = 0), 0), -coalesce(sum(jobs) FILTER (WHERE outcome = 1), 0),
                -coalesce(sum(jobs) FILTER (WHERE outcome = 2), 0) FROM counted JOIN martlet.lanes l ON l.id = counted.lane GROUP BY l.id)
        SELECT sum(jobs) FROM counted', p_part) INTO v_count;
    RETURN v_count;
END $$
----
-- A new schema has its days from the start: later one is made a day.
SELECT martlet.prepare_days(clock_timestamp())
