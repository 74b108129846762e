-- The finished jobs past their queue's retention, the oldest of each queue, queues by name.
CREATE FUNCTION martlet.expired(p_limit bigint, p_now timestamptz) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    v_ids uuid[] := '{}';
    v_more uuid[];
    q record;
BEGIN
    FOR q IN SELECT name, retention FROM martlet.queues ORDER BY name LOOP
        EXIT WHEN cardinality(v_ids) >= p_limit;
        SELECT array_agg(id) INTO v_more FROM (
            SELECT j.id FROM martlet.lanes l CROSS JOIN LATERAL (
                SELECT id, finished FROM martlet.finished
                WHERE lane = l.id AND finished <= p_now - q.retention * interval '1 microsecond'
                ORDER BY finished, id LIMIT p_limit - cardinality(v_ids)) j
            WHERE l.queue = q.name ORDER BY j.finished, j.id LIMIT p_limit - cardinality(v_ids)) old;
        v_ids := v_ids || v_more;
    END LOOP;
    RETURN v_ids;
END $$
----
-- Removes up to `p_limit` finished jobs past their queue's retention, with their steps and streams.
CREATE FUNCTION martlet.prune_jobs(
    p_limit bigint, p_now timestamptz, p_floor timestamptz, OUT removed bigint, OUT more boolean, OUT now timestamptz
)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_ids uuid[];
    v_streams bigint[];
BEGIN
    now := martlet.clock(p_now, p_floor);
    v_ids := martlet.expired(p_limit + 1, now);
    more := cardinality(v_ids) > p_limit;
    v_ids := v_ids[1:p_limit];
    WITH gone AS (
        DELETE FROM martlet.finished WHERE id = ANY (v_ids) RETURNING id, lane, outcome, parent, parent_group, has_steps
    ), counted AS (
        INSERT INTO martlet.deltas (queue, lane, succeeded, failed, cancelled)
        SELECT l.queue, l.id, -count(*) FILTER (WHERE outcome = 0), -count(*) FILTER (WHERE outcome = 1), -count(*) FILTER (WHERE outcome = 2)
        FROM gone JOIN martlet.lanes l ON l.id = gone.lane GROUP BY l.id
    ), grouped AS (
        UPDATE martlet.groups g SET succeeded = g.succeeded - c.succeeded, failed = g.failed - c.failed, cancelled = g.cancelled - c.cancelled
        FROM (SELECT parent, parent_group, count(*) FILTER (WHERE outcome = 0) AS succeeded, count(*) FILTER (WHERE outcome = 1) AS failed,
                count(*) FILTER (WHERE outcome = 2) AS cancelled
            FROM gone WHERE parent IS NOT NULL GROUP BY parent, parent_group ORDER BY parent, parent_group) c
        WHERE g.parent = c.parent AND g.name = c.parent_group
    ), steps AS (
        DELETE FROM martlet.steps s USING gone WHERE gone.has_steps AND s.job = gone.id
    )
    SELECT count(*), array_agg(id) INTO removed, v_ids FROM gone;
    IF removed = 0 THEN RETURN; END IF;
    DELETE FROM martlet.groups WHERE parent = ANY (v_ids) AND unfinished + succeeded + failed + cancelled = 0;
    WITH gone AS (DELETE FROM martlet.streams WHERE name = ANY (SELECT 'job/' || id FROM unnest(v_ids) id) RETURNING id)
    SELECT array_agg(id) INTO v_streams FROM gone;
    IF v_streams IS NOT NULL THEN DELETE FROM martlet.events WHERE stream = ANY (v_streams); END IF;
END $$
----
-- Removes up to `p_limit` old events, the first of each stream, streams by name; but the audit, and the streams of jobs that are kept.
CREATE FUNCTION martlet.prune_events(
    p_limit bigint, p_retention bigint, p_now timestamptz, p_floor timestamptz, OUT removed bigint, OUT more boolean, OUT now timestamptz
)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    s record;
    v_before timestamptz;
    v_last bigint;
    v_count bigint;
BEGIN
    now := martlet.clock(p_now, p_floor);
    v_before := now - p_retention * interval '1 microsecond';
    removed := 0;
    more := false;
    FOR s IN
        SELECT t.id, t.name FROM martlet.streams t
        CROSS JOIN LATERAL (SELECT at FROM martlet.events WHERE stream = t.id ORDER BY seq LIMIT 1) e
        WHERE e.at <= v_before AND t.name <> 'audit' AND NOT (
            t.name ~ '^job/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
            AND EXISTS (SELECT FROM martlet.jobs WHERE id = CASE WHEN t.name ~ '^job/[0-9a-fA-F]{8}-' THEN substr(t.name, 5)::uuid END))
        ORDER BY t.name
    LOOP
        IF removed >= p_limit THEN
            more := true;
            EXIT;
        END IF;
        PERFORM FROM martlet.streams WHERE id = s.id FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        -- Up to the first that is young: what is removed leaves no gap.
        WITH old AS (
            SELECT seq, at FROM martlet.events WHERE stream = s.id ORDER BY seq LIMIT p_limit - removed + 1
        ), prefix AS (
            SELECT seq FROM old WHERE seq < coalesce((SELECT min(seq) FROM old WHERE at > v_before), 9223372036854775807)
        )
        SELECT count(*), max(seq) INTO v_count, v_last FROM prefix;
        IF v_count > p_limit - removed THEN
            more := true;
            v_count := v_count - 1;
            SELECT max(seq) INTO v_last FROM (
                SELECT seq FROM martlet.events WHERE stream = s.id ORDER BY seq LIMIT v_count) kept;
        END IF;
        DELETE FROM martlet.events WHERE stream = s.id AND seq <= v_last;
        UPDATE martlet.streams SET pruned = v_last WHERE id = s.id;
        removed := removed + v_count;
    END LOOP;
    DELETE FROM martlet.keys WHERE expires <= now;
    DELETE FROM martlet.buckets WHERE arrival <= martlet.nanoseconds(now);
END $$
----
-- Removes up to `p_limit` lanes that have no job of any phase, with what is kept for them; answers how many. The lock waits for everybody who
-- has read the id of a lane and may still put a job into it; where they keep it waiting, another time will do.
CREATE FUNCTION martlet.prune_lanes(p_limit bigint) RETURNS bigint
LANGUAGE plpgsql SET lock_timeout = '100ms' SET jit = off AS $$
DECLARE
    v_lanes int[];
    v_gone int[];
    v_queues text[];
    v_tenants text[];
BEGIN
    SELECT array_agg(lane) INTO v_lanes FROM (
        SELECT lane FROM martlet.tallies
        WHERE ready = 0 AND running = 0 AND waiting = 0 AND succeeded = 0 AND failed = 0 AND cancelled = 0 LIMIT p_limit) t;
    IF v_lanes IS NULL THEN RETURN 0; END IF;
    LOCK TABLE martlet.lanes IN ACCESS EXCLUSIVE MODE;
    SELECT array_agg(lane) INTO v_lanes FROM martlet.tallies
    WHERE lane = ANY (v_lanes) AND ready = 0 AND running = 0 AND waiting = 0 AND succeeded = 0 AND failed = 0 AND cancelled = 0
        AND lane NOT IN (SELECT lane FROM martlet.deltas);
    WITH gone AS (DELETE FROM martlet.lanes WHERE id = ANY (v_lanes) RETURNING id, queue, tenant)
    SELECT array_agg(id), array_agg(queue), array_agg(tenant) INTO v_gone, v_queues, v_tenants FROM gone;
    DELETE FROM martlet.tallies WHERE lane = ANY (v_gone);
    DELETE FROM martlet.heads WHERE lane = ANY (v_gone);
    -- A turn that the others have passed is as good as none.
    DELETE FROM martlet.shares s USING (SELECT DISTINCT queue, tenant FROM unnest(v_queues, v_tenants) u(queue, tenant)) u, martlet.queues q
    WHERE s.queue = u.queue AND s.tenant = u.tenant AND q.name = s.queue AND s.turn <= q.virtual
        AND NOT EXISTS (SELECT FROM martlet.lanes l WHERE l.queue = s.queue AND l.tenant = s.tenant);
    RETURN coalesce(cardinality(v_gone), 0);
EXCEPTION WHEN lock_not_available THEN RETURN 0;
END $$
