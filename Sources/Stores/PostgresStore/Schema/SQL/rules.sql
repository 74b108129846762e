-- The rules that several transitions share. Everything here runs inside the one statement of its caller.
CREATE TYPE martlet.new_job AS (
    id uuid, kind text, queue text, tenant text, priority smallint, payload text, due timestamptz, delay bigint, key text,
    key_scope smallint, key_window bigint, key_conflict smallint, timeout bigint, queue_timeout bigint, max_attempts int, labels jsonb,
    parent uuid, parent_group text, trigger text)
----
-- What became of one job, step, event or settlement of a call: a letter, and what belongs to it.
CREATE TYPE martlet.answer AS (
    ord int, status "char", other uuid, number bigint, word text, phase smallint, outcome smallint, now timestamptz, job martlet.jobs)
----
-- The store's time: the test's, or the server's, and never lower than what the caller has seen before.
CREATE FUNCTION martlet.clock(p_now timestamptz, p_floor timestamptz) RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$ SELECT coalesce(p_now, greatest(clock_timestamp(), p_floor)) $$
----
-- Saturates at the last instant that RFC 3339 can spell.
CREATE FUNCTION martlet.later(p_at timestamptz, p_span bigint) RETURNS timestamptz
LANGUAGE sql STABLE AS $$ SELECT least(p_at + p_span * interval '1 microsecond', timestamptz '9999-12-31 23:59:59+00') $$
----
CREATE FUNCTION martlet.rfc3339(p_at timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
        || CASE WHEN extract(microseconds FROM p_at)::bigint % 1000000 = 0 THEN ''
            WHEN extract(microseconds FROM p_at)::bigint % 1000 = 0 THEN '.' || to_char(p_at AT TIME ZONE 'UTC', 'MS')
            ELSE '.' || to_char(p_at AT TIME ZONE 'UTC', 'US') END || 'Z'
$$
----
CREATE FUNCTION martlet.nanoseconds(p_at timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$ SELECT (extract(epoch FROM p_at) * 1000000)::bigint * 1000 $$
----
-- A JSON string as every store writes it.
CREATE FUNCTION martlet.json_string(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT replace(to_json(p_text)::text, '<', '\u003c') $$
----
-- An event as it travels.
CREATE FUNCTION martlet.wire(p_stream text, p_seq bigint, p_at timestamptz, p_type text, p_data text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT '{"stream":' || martlet.json_string(p_stream) || ',"seq":' || p_seq || ',"at":"' || martlet.rfc3339(p_at) || '","type":'
        || martlet.json_string(p_type) || ',"data":' || p_data || '}'
$$
----
-- Moves one job of a lane from where it stood to where it stands; null is nowhere. `p_due`: where it is ready.
CREATE FUNCTION martlet.tally(
    p_lane int, p_was_phase smallint, p_was_outcome smallint, p_phase smallint, p_outcome smallint, p_class smallint, p_due timestamptz
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO martlet.deltas (queue, lane, class, due, ready, running, waiting, succeeded, failed, cancelled)
    SELECT queue, p_lane, p_class, CASE WHEN p_phase = 0 THEN p_due END,
        (p_phase IS NOT DISTINCT FROM 0)::int - (p_was_phase IS NOT DISTINCT FROM 0)::int,
        (p_phase IS NOT DISTINCT FROM 1)::int - (p_was_phase IS NOT DISTINCT FROM 1)::int,
        (p_phase IS NOT DISTINCT FROM 2)::int - (p_was_phase IS NOT DISTINCT FROM 2)::int,
        (p_outcome IS NOT DISTINCT FROM 0)::int - (p_was_outcome IS NOT DISTINCT FROM 0)::int,
        (p_outcome IS NOT DISTINCT FROM 1)::int - (p_was_outcome IS NOT DISTINCT FROM 1)::int,
        (p_outcome IS NOT DISTINCT FROM 2)::int - (p_was_outcome IS NOT DISTINCT FROM 2)::int
    FROM martlet.lanes WHERE id = p_lane;
END $$
----
-- The lane of this name; it, and its queue, come into being when first named.
CREATE FUNCTION martlet.lane(p_queue text, p_kind text, p_tenant text) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE v_id int;
BEGIN
    SELECT id INTO v_id FROM martlet.lanes WHERE queue = p_queue AND kind = p_kind AND tenant = p_tenant;
    IF FOUND THEN RETURN v_id; END IF;
    INSERT INTO martlet.queues (name) VALUES (p_queue) ON CONFLICT DO NOTHING;
    INSERT INTO martlet.kinds (queue, kind) VALUES (p_queue, p_kind) ON CONFLICT DO NOTHING;
    INSERT INTO martlet.lanes (queue, kind, tenant) VALUES (p_queue, p_kind, p_tenant) ON CONFLICT DO NOTHING;
    SELECT id INTO STRICT v_id FROM martlet.lanes WHERE queue = p_queue AND kind = p_kind AND tenant = p_tenant;
    RETURN v_id;
END $$
----
-- Writes a job that has changed from `o` to `n`, everything but its content; what belongs to one phase alone ends with it.
CREATE FUNCTION martlet.save(n martlet.live, o martlet.live) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    n.class := n.priority + CASE WHEN n.deaths >= 2 THEN 4 ELSE 0 END;
    IF n.phase <> 1 THEN n.expires := NULL; END IF;
    IF n.phase <> 2 THEN
        n.wait_kind := NULL; n.wait_name := NULL; n.wait_type := NULL; n.wait_after := NULL; n.wait_step := NULL; n.wait_deadline := NULL;
    END IF;
    n.alarm := CASE n.phase
        WHEN 0 THEN martlet.later(n.due, n.queue_timeout)
        WHEN 1 THEN n.expires
        WHEN 2 THEN nullif(n.due, timestamptz '9999-12-31 23:59:59+00') END;
    IF n.queue_timeout IS NULL AND n.phase = 0 THEN n.alarm := NULL; END IF;
    IF n.phase = 3 THEN
        DELETE FROM martlet.live WHERE id = n.id;
        INSERT INTO martlet.finished SELECT n.*;
    ELSIF o.phase = 3 THEN
        DELETE FROM martlet.finished WHERE id = n.id;
        INSERT INTO martlet.live SELECT n.*;
    ELSE
        UPDATE martlet.live SET due = n.due, started = n.started, expires = n.expires, alarm = n.alarm, epoch = n.epoch,
            settled = n.settled, timeout = n.timeout, queue_timeout = n.queue_timeout, wait_after = n.wait_after,
            wait_deadline = n.wait_deadline, progress = n.progress, lane = n.lane, attempt = n.attempt, deaths = n.deaths,
            max_attempts = n.max_attempts, priority = n.priority, class = n.class, phase = n.phase, wait_kind = n.wait_kind,
            cancel = n.cancel, has_steps = n.has_steps, node = n.node, wait_name = n.wait_name, wait_type = n.wait_type,
            wait_step = n.wait_step, progress_message = n.progress_message, error_kind = n.error_kind,
            error_message = n.error_message, result = n.result
        WHERE id = n.id;
    END IF;
    IF n.lane <> o.lane THEN
        PERFORM martlet.tally(o.lane, o.phase, o.outcome, NULL, NULL, NULL, NULL);
        PERFORM martlet.tally(n.lane, NULL, NULL, n.phase, n.outcome, n.class, n.due);
    ELSIF n.phase <> o.phase OR n.phase = 0 AND (n.class, n.due) <> (o.class, o.due) THEN
        PERFORM martlet.tally(n.lane, o.phase, o.outcome, n.phase, n.outcome, n.class, n.due);
    END IF;
END $$
----
-- Writes a step where the stored one is not final (invariant 4), and answers the stored one.
CREATE FUNCTION martlet.write_step(p_job uuid, p_name text, p_state smallint, p_result text, p_now timestamptz) RETURNS martlet.steps
LANGUAGE plpgsql AS $$
DECLARE v_step martlet.steps;
BEGIN
    INSERT INTO martlet.steps AS s (job, name, at, state, result) VALUES (p_job, p_name, p_now, p_state, p_result)
    ON CONFLICT (job, name) DO UPDATE SET at = excluded.at, state = excluded.state, result = excluded.result
    WHERE s.state = 0 AND excluded.state = 1 RETURNING s.* INTO v_step;
    IF NOT FOUND THEN SELECT * INTO v_step FROM martlet.steps WHERE job = p_job AND name = p_name; END IF;
    RETURN v_step;
END $$
----
-- Ends a wait: the step receives its result, and the job is due at once.
CREATE FUNCTION martlet.end_wait(o martlet.live, p_result text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE n martlet.live := o;
BEGIN
    IF o.wait_step IS NOT NULL AND p_result IS NOT NULL THEN
        PERFORM martlet.write_step(o.id, o.wait_step, 1::smallint, p_result, p_now);
        n.has_steps := true;
    END IF;
    n.phase := 0;
    n.due := p_now;
    PERFORM martlet.save(n, o);
END $$
----
-- What a wait for this group ends with; null while one of the group is unfinished.
CREATE FUNCTION martlet.group_result(p_parent uuid, p_group text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE g martlet.groups;
BEGIN
    SELECT * INTO g FROM martlet.groups WHERE parent = p_parent AND name = p_group;
    IF g.unfinished > 0 THEN RETURN NULL; END IF;
    RETURN format('{"children":{"succeeded":%s,"failed":%s,"cancelled":%s}}', coalesce(g.succeeded, 0), coalesce(g.failed, 0),
        coalesce(g.cancelled, 0));
END $$
----
-- Lets the next job of a trigger have its turn, where every other one waits for its own.
CREATE FUNCTION martlet.release_turn(p_trigger text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE o martlet.live;
BEGIN
    IF EXISTS (SELECT FROM martlet.live WHERE trigger = p_trigger AND (phase <> 2 OR wait_kind <> 2)) THEN RETURN; END IF;
    SELECT * INTO o FROM martlet.live WHERE trigger = p_trigger ORDER BY id LIMIT 1 FOR UPDATE;
    IF FOUND THEN PERFORM martlet.end_wait(o, NULL, p_now); END IF;
END $$
----
-- Ends a job by whatever transition, with everything that hangs on its end. `n` may differ from `o` in other ways too.
CREATE FUNCTION martlet.finish(n martlet.live, o martlet.live, p_outcome smallint, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    w martlet.live;
    v_unfinished bigint;
BEGIN
    n.phase := 3;
    n.outcome := p_outcome;
    n.finished := p_now;
    PERFORM martlet.save(n, o);
    IF n.key IS NOT NULL THEN
        DELETE FROM martlet.keys WHERE tenant = (SELECT tenant FROM martlet.lanes WHERE id = n.lane) AND name = n.key AND job = n.id
            AND until_finished;
    END IF;
    IF n.parent IS NOT NULL THEN
        UPDATE martlet.groups SET unfinished = unfinished - 1, succeeded = succeeded + (p_outcome = 0)::int,
            failed = failed + (p_outcome = 1)::int, cancelled = cancelled + (p_outcome = 2)::int
        WHERE parent = n.parent AND name = n.parent_group RETURNING unfinished INTO v_unfinished;
        IF v_unfinished = 0 THEN
            SELECT * INTO w FROM martlet.live
            WHERE id = n.parent AND phase + 0 = 2 AND wait_kind = 1 AND wait_name = n.parent_group FOR UPDATE;
            IF FOUND THEN PERFORM martlet.end_wait(w, martlet.group_result(n.parent, n.parent_group), p_now); END IF;
        END IF;
    END IF;
    IF n.trigger IS NOT NULL THEN PERFORM martlet.release_turn(n.trigger, p_now); END IF;
END $$
----
-- Makes a job that was running ready, unless somebody has asked it to stop.
CREATE FUNCTION martlet.go_back(n martlet.live, o martlet.live, p_due timestamptz, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF n.cancel THEN
        PERFORM martlet.finish(n, o, 2::smallint, p_now);
    ELSE
        n.phase := 0;
        n.due := p_due;
        PERFORM martlet.save(n, o);
    END IF;
END $$
----
-- Finishes an unfinished job, or asks a running one to stop.
CREATE FUNCTION martlet.stop(p_id uuid, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE o martlet.live;
BEGIN
    SELECT * INTO o FROM martlet.live WHERE id = p_id FOR UPDATE;
    IF o.phase = 1 THEN
        UPDATE martlet.live SET cancel = true WHERE id = p_id;
    ELSIF FOUND THEN
        PERFORM martlet.finish(o, o, 2::smallint, p_now);
    END IF;
END $$
----
-- Waits its turn to change the jobs of a trigger.
CREATE FUNCTION martlet.lock_triggers(p_names text[]) RETURNS void
LANGUAGE sql AS $$
    SELECT count(pg_advisory_xact_lock(hashtextextended('martlet.triggers/' || name, 0)))
    FROM (SELECT DISTINCT name FROM unnest(p_names) u(name) WHERE name IS NOT NULL ORDER BY name OFFSET 0) named
$$
----
-- Locks, in the one order, everything that a change of these jobs can touch besides.
CREATE FUNCTION martlet.lock_jobs(p_ids uuid[], p_triggers text[], p_streams text[], p_parents uuid[], p_groups text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_triggers text[];
    v_parents uuid[];
    v_groups text[];
BEGIN
    SELECT array_agg(trigger) FILTER (WHERE trigger IS NOT NULL), array_agg(parent) FILTER (WHERE parent IS NOT NULL),
        array_agg(parent_group) FILTER (WHERE parent IS NOT NULL)
    INTO v_triggers, v_parents, v_groups
    FROM unnest(p_ids) u(job) CROSS JOIN LATERAL (
        SELECT trigger, parent, parent_group FROM martlet.live WHERE id = u.job AND (trigger IS NOT NULL OR parent IS NOT NULL)) j;
    v_triggers := v_triggers || p_triggers;
    IF cardinality(v_triggers) > 0 THEN PERFORM martlet.lock_triggers(v_triggers); END IF;
    IF cardinality(p_streams) > 0 THEN
        INSERT INTO martlet.streams (name)
        SELECT DISTINCT s FROM unnest(p_streams) s WHERE NOT EXISTS (SELECT FROM martlet.streams WHERE name = s) ORDER BY s
        ON CONFLICT DO NOTHING;
        PERFORM FROM martlet.streams WHERE name = ANY (p_streams) ORDER BY name FOR UPDATE;
    END IF;
    v_parents := v_parents || p_parents;
    v_groups := v_groups || p_groups;
    IF cardinality(v_parents) > 0 THEN
        INSERT INTO martlet.groups (parent, name)
        SELECT DISTINCT p, g FROM unnest(v_parents, v_groups) u(p, g)
        WHERE p IS NOT NULL AND NOT EXISTS (SELECT FROM martlet.groups WHERE parent = p AND name = g) ORDER BY p, g
        ON CONFLICT DO NOTHING;
        PERFORM FROM martlet.groups WHERE (parent, name) IN (SELECT p, g FROM unnest(v_parents, v_groups) u(p, g))
        ORDER BY parent, name FOR UPDATE;
    END IF;
    PERFORM FROM martlet.live WHERE id = ANY (p_ids || v_parents) ORDER BY id FOR UPDATE;
END $$
