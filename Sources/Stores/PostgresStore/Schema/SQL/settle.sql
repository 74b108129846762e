-- Ends one attempt in everything but success without more; the job is locked and current. `s` is one settlement (see SettlementCoding).
CREATE FUNCTION martlet.dispose(s json, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    o martlet.live;
    n martlet.live;
    v_result text;
BEGIN
    SELECT * INTO o FROM martlet.live WHERE id = (s->>'job')::uuid;
    n := o;
    IF s->>'fraction' IS NOT NULL THEN
        n.progress := (s->>'fraction')::double precision;
        n.progress_message := s->>'message';
    END IF;
    n.settled := o.epoch;
    CASE s->>'end'
    WHEN 'succeeded' THEN
        n.result := s->>'result';
        n.error_kind := NULL;
        n.error_message := NULL;
        PERFORM martlet.finish(n, o, 0::smallint, p_now);
    WHEN 'failed' THEN
        n.error_kind := s->>'error_kind';
        n.error_message := s->>'error_message';
        IF s->>'delay' IS NOT NULL AND o.attempt < o.max_attempts THEN
            PERFORM martlet.go_back(n, o, martlet.later(p_now, (s->>'delay')::bigint), p_now);
        ELSE
            PERFORM martlet.finish(n, o, 1::smallint, p_now);
        END IF;
    WHEN 'cancelled' THEN
        IF s->>'error_message' IS NOT NULL THEN
            n.error_kind := 'cancelled';
            n.error_message := s->>'error_message';
        END IF;
        PERFORM martlet.finish(n, o, 2::smallint, p_now);
    WHEN 'released' THEN
        n.attempt := o.attempt - 1;
        PERFORM martlet.go_back(n, o, martlet.later(p_now, coalesce((s->>'delay')::bigint, 0)), p_now);
    WHEN 'waiting' THEN
        n.attempt := o.attempt - 1;
        IF o.cancel THEN
            PERFORM martlet.finish(n, o, 2::smallint, p_now);
            RETURN;
        END IF;
        n.phase := 2;
        n.wait_kind := (s->>'wait_kind')::smallint;
        n.wait_name := s->>'wait_name';
        n.wait_type := s->>'wait_type';
        n.wait_after := (s->>'wait_after')::bigint;
        n.wait_step := s->>'wait_step';
        n.wait_deadline := (s->>'wait_deadline')::bigint;
        n.due := CASE WHEN n.wait_deadline IS NULL THEN timestamptz '9999-12-31 23:59:59+00' ELSE martlet.later(p_now, n.wait_deadline) END;
        PERFORM martlet.save(n, o);
        IF n.wait_kind = 1 THEN
            v_result := martlet.group_result(n.id, n.wait_name);
        ELSE
            SELECT '{"event":' || martlet.wire(n.wait_name, e.seq, e.at, e.type, e.data) || '}' INTO v_result
            FROM martlet.streams t JOIN martlet.events e ON e.stream = t.id
            WHERE t.name = n.wait_name AND e.seq > n.wait_after AND e.type = n.wait_type ORDER BY e.seq LIMIT 1;
        END IF;
        IF v_result IS NOT NULL THEN
            SELECT * INTO o FROM martlet.live WHERE id = n.id;
            PERFORM martlet.end_wait(o, v_result, p_now);
        END IF;
    END CASE;
END $$
----
-- Steps and children of one settlement; answers why a child is refused. The caller undoes everything then (invariant 9).
CREATE FUNCTION martlet.settle_parts(s json, p_now timestamptz) RETURNS martlet.answer
LANGUAGE plpgsql AS $$
DECLARE
    a martlet.answer;
    e json;
    d martlet.new_job;
    v_parents uuid[];
    v_groups text[];
BEGIN
    IF s->'steps' IS NOT NULL THEN
        FOR e IN SELECT value FROM json_array_elements(s->'steps') LOOP
            PERFORM martlet.write_step((s->>'job')::uuid, e->>'name', (e->>'state')::smallint, e->>'result', p_now);
        END LOOP;
        UPDATE martlet.live SET has_steps = true WHERE id = (s->>'job')::uuid AND NOT has_steps;
    END IF;
    IF s->'children' IS NOT NULL THEN
        FOR d IN SELECT * FROM json_populate_recordset(NULL::martlet.new_job, s->'children') LOOP
            a := martlet.accept(d, p_now, NULL, false);
            IF a.status IN ('i', 'k') THEN
                a.word := CASE a.status WHEN 'i' THEN d.id::text ELSE d.key END;
                RETURN a;
            END IF;
            IF a.status = 'a' AND d.parent IS NOT NULL THEN
                v_parents := v_parents || d.parent;
                v_groups := v_groups || d.parent_group;
            END IF;
        END LOOP;
        IF v_parents IS NOT NULL THEN PERFORM martlet.join_groups(v_parents, v_groups); END IF;
    END IF;
    RETURN NULL;
END $$
----
-- One settlement. Status '+' settled, '=' settled before, 'l' lease lost, 'f' its fault, 'i' or 'k' a child refused.
CREATE FUNCTION martlet.settle_one(s json, p_random text[], p_used int, p_now timestamptz, OUT a martlet.answer, OUT used int)
LANGUAGE plpgsql AS $$
DECLARE
    v_job uuid := (s->>'job')::uuid;
    v_epoch bigint := (s->>'epoch')::bigint;
    e json;
BEGIN
    used := p_used;
    IF NOT EXISTS (SELECT FROM martlet.live WHERE id = v_job AND phase + 0 = 1 AND epoch = v_epoch AND (expires IS NULL OR expires > p_now)) THEN
        a.status := 'l';
        SELECT '=', j.phase, j.outcome INTO a.status, a.phase, a.outcome
        FROM martlet.jobs j WHERE id = v_job AND j.settled = v_epoch AND v_epoch > 0;
        IF NOT FOUND THEN a.status := 'l'; END IF;
        RETURN;
    END IF;
    IF s->>'fault' IS NOT NULL THEN
        a.status := 'f';
        RETURN;
    END IF;
    IF s->'children' IS NOT NULL THEN
        BEGIN
            a := martlet.settle_parts(s, p_now);
            -- A block with a handler is a savepoint: this undoes it.
            IF a.status IS NOT NULL THEN RAISE EXCEPTION USING ERRCODE = 'MRT01'; END IF;
        EXCEPTION WHEN SQLSTATE 'MRT01' THEN
            RETURN;
        END;
    ELSE
        PERFORM martlet.settle_parts(s, p_now);
    END IF;
    IF s->'events' IS NOT NULL THEN
        FOR e IN SELECT value FROM json_array_elements(s->'events') LOOP
            used := (martlet.append_one(e, p_random, used, p_now)).used;
        END LOOP;
    END IF;
    PERFORM martlet.dispose(s, p_now);
    a.status := '+';
    SELECT j.phase, j.outcome INTO a.phase, a.outcome FROM martlet.jobs j WHERE id = v_job;
END $$
----
-- Jobs of groups that only succeeded, locked and current, all at once; answers which.
CREATE FUNCTION martlet.succeed_children(p_ids uuid[], p_epochs bigint[], p_results text[], p_now timestamptz) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    v_done uuid[];
    v_parents uuid[];
    v_groups text[];
    w martlet.live;
BEGIN
    WITH gone AS (
        DELETE FROM martlet.live j USING (
            SELECT u.epoch, u.value, l.place FROM unnest(p_ids, p_epochs, p_results) u(id, epoch, value)
            CROSS JOIN LATERAL (SELECT ctid AS place FROM martlet.live WHERE id = u.id LIMIT 1) l) s
        WHERE j.ctid = s.place AND j.epoch = s.epoch AND j.phase + 0 = 1 AND j.key IS NULL AND j.trigger IS NULL
            AND (j.expires IS NULL OR j.expires > p_now)
        RETURNING j.*, s.value
    ), kept AS (
        INSERT INTO martlet.finished (id, due, created, started, finished, epoch, settled, timeout, queue_timeout, progress, lane, attempt,
            deaths, max_attempts, priority, class, phase, outcome, cancel, has_steps, node, progress_message, labels, payload, result,
            parent, parent_group)
        SELECT id, due, created, started, p_now, epoch, epoch, timeout, queue_timeout, progress, lane, attempt, deaths, max_attempts,
            priority, class, 3, 0, cancel, has_steps, node, progress_message, labels, payload, value, parent, parent_group
        FROM gone
    ), counted AS (
        INSERT INTO martlet.deltas (queue, lane, running, succeeded) SELECT l.queue, c.lane, -c.jobs, c.jobs
        FROM (SELECT lane, count(*) AS jobs FROM gone GROUP BY lane) c JOIN martlet.lanes l ON l.id = c.lane
    ), grouped AS (
        UPDATE martlet.groups g SET unfinished = g.unfinished - c.jobs, succeeded = g.succeeded + c.jobs
        FROM (SELECT parent, parent_group, count(*) AS jobs FROM gone GROUP BY parent, parent_group) c
        WHERE g.parent = c.parent AND g.name = c.parent_group RETURNING g.parent, g.name, g.unfinished
    )
    SELECT (SELECT array_agg(id) FROM gone), array_agg(parent ORDER BY parent, name) FILTER (WHERE unfinished = 0),
        array_agg(name ORDER BY parent, name) FILTER (WHERE unfinished = 0)
    INTO v_done, v_parents, v_groups FROM grouped;
    FOR i IN 1..coalesce(cardinality(v_parents), 0) LOOP
        SELECT * INTO w FROM martlet.live WHERE id = v_parents[i] AND phase + 0 = 2 AND wait_kind = 1 AND wait_name = v_groups[i] FOR UPDATE;
        IF FOUND THEN PERFORM martlet.end_wait(w, martlet.group_result(w.id, w.wait_name), p_now); END IF;
    END LOOP;
    RETURN v_done;
END $$
----
-- Ends attempts, each on its own: those that only succeeded (`p_ids`, in the order of ids) all at once, then the rest one by one. Answers
-- what is not a plain success, then the time.
CREATE FUNCTION martlet.settle(
    p_ids uuid[], p_epochs bigint[], p_results text[], p_ords bigint[], p_rest json, p_rest_ords bigint[], p_rest_ids uuid[],
    p_streams text[], p_triggers text[], p_group_parents uuid[], p_groups text[], p_random text[], p_topics bigint, p_now timestamptz,
    p_floor timestamptz
) RETURNS SETOF martlet.answer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := martlet.clock(p_now, p_floor);
    v_done uuid[];
    v_left uuid[];
    v_used int := 0;
    a martlet.answer;
    r record;
    s json;
    v_ord bigint;
BEGIN
    a.now := v_now;
    IF p_topics <> (SELECT version FROM martlet.topics) THEN
        a.status := 's';
        RETURN NEXT a;
        RETURN;
    END IF;
    IF cardinality(p_ids) > 0 THEN
        WITH gone AS (
            -- Each row by its place: a table that was empty when it was last analysed would be gone through from one end to the other.
            DELETE FROM martlet.live j USING (
                SELECT u.epoch, u.value, l.place FROM unnest(p_ids, p_epochs, p_results) u(id, epoch, value)
                CROSS JOIN LATERAL (SELECT ctid AS place FROM martlet.live WHERE id = u.id LIMIT 1) l) s
            WHERE j.ctid = s.place AND j.epoch = s.epoch AND j.phase + 0 = 1 AND j.key IS NULL AND j.parent IS NULL AND j.trigger IS NULL
                AND (j.expires IS NULL OR j.expires > v_now)
            RETURNING j.*, s.value
        ), kept AS (
            INSERT INTO martlet.finished (id, due, created, started, finished, epoch, settled, timeout, queue_timeout, progress, lane, attempt,
                deaths, max_attempts, priority, class, phase, outcome, cancel, has_steps, node, progress_message, labels, payload, result)
            SELECT id, due, created, started, v_now, epoch, epoch, timeout, queue_timeout, progress, lane, attempt, deaths, max_attempts,
                priority, class, 3, 0, cancel, has_steps, node, progress_message, labels, payload, value
            FROM gone
        ), counted AS (
            INSERT INTO martlet.deltas (queue, lane, running, succeeded) SELECT l.queue, c.lane, -c.jobs, c.jobs
        FROM (SELECT lane, count(*) AS jobs FROM gone GROUP BY lane) c JOIN martlet.lanes l ON l.id = c.lane
        )
        SELECT array_agg(id) INTO v_done FROM gone;
    END IF;
    IF cardinality(v_done) IS DISTINCT FROM cardinality(p_ids) THEN
        SELECT array_agg(id) INTO v_left FROM (SELECT unnest(p_ids) EXCEPT SELECT unnest(v_done)) u(id);
    END IF;
    IF v_left IS NULL AND cardinality(p_rest_ids) = 0 THEN
        RETURN NEXT a;
        RETURN;
    END IF;
    PERFORM martlet.lock_jobs(v_left || p_rest_ids, p_triggers, p_streams, p_group_parents, p_groups);
    IF v_left IS NOT NULL AND cardinality(p_rest_ids) = 0 THEN
        SELECT martlet.succeed_children(array_agg(id), array_agg(epoch), array_agg(result), v_now) INTO v_done
        FROM unnest(p_ids, p_epochs, p_results) u(id, epoch, result) JOIN unnest(v_left) l(id) USING (id);
        SELECT array_agg(id) INTO v_left FROM (SELECT unnest(v_left) EXCEPT SELECT unnest(v_done)) u(id);
    END IF;
    FOR v_ord, s IN
        SELECT ord, doc FROM (
            SELECT p_ords[u.at] AS ord, json_build_object('job', u.id, 'epoch', p_epochs[u.at], 'end', 'succeeded', 'result', p_results[u.at]) AS doc
            FROM unnest(p_ids) WITH ORDINALITY u(id, at) JOIN unnest(v_left) l(id) USING (id)
            UNION ALL
            SELECT p_rest_ords[e.at], e.doc FROM json_array_elements(p_rest) WITH ORDINALITY e(doc, at)) d
        ORDER BY ord
    LOOP
        SELECT * INTO r FROM martlet.settle_one(s, p_random, v_used, v_now);
        a := r.a;
        v_used := r.used;
        a.ord := v_ord;
        RETURN NEXT a;
    END LOOP;
    a := NULL;
    a.now := v_now;
    a.number := v_used;
    RETURN NEXT a;
END $$
----
-- Writes steps under a lease. Status 'l' lease lost, 'f' their fault, 'a' written or there already: number is the state, word the result.
CREATE FUNCTION martlet.record(
    p_job uuid, p_epoch bigint, p_names text[], p_states bigint[], p_results text[], p_fault boolean, p_now timestamptz, p_floor timestamptz
) RETURNS SETOF martlet.answer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := martlet.clock(p_now, p_floor);
    v_steps boolean;
    a martlet.answer;
    s martlet.steps;
BEGIN
    a.now := v_now;
    SELECT has_steps INTO v_steps FROM martlet.live WHERE id = p_job AND phase + 0 = 1 AND epoch = p_epoch AND (expires IS NULL OR expires > v_now)
    FOR NO KEY UPDATE;
    IF NOT FOUND OR p_fault THEN
        a.status := CASE WHEN FOUND THEN 'f' ELSE 'l' END;
        RETURN NEXT a;
        RETURN;
    END IF;
    FOR i IN 1..cardinality(p_names) LOOP
        s := martlet.write_step(p_job, p_names[i], p_states[i]::smallint, p_results[i], v_now);
        a.status := 'a';
        a.number := s.state;
        a.word := s.result;
        a.now := s.at;
        RETURN NEXT a;
    END LOOP;
    IF NOT v_steps AND cardinality(p_names) > 0 THEN UPDATE martlet.live SET has_steps = true WHERE id = p_job; END IF;
    a := NULL;
    a.now := v_now;
    RETURN NEXT a;
END $$
----
-- Status 'a' done, 'n' no such job, 'p' wrong phase, 'k' its key has gone to another job. The job as it is then, and the time.
CREATE FUNCTION martlet.cancel(p_job uuid, p_now timestamptz, p_floor timestamptz) RETURNS SETOF martlet.answer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE a martlet.answer;
BEGIN
    a.now := martlet.clock(p_now, p_floor);
    PERFORM martlet.lock_jobs(ARRAY[p_job], NULL, NULL, NULL, NULL);
    SELECT j INTO a.job FROM martlet.jobs j WHERE id = p_job;
    a.status := CASE WHEN NOT FOUND THEN 'n' WHEN (a.job).phase = 3 THEN 'p' ELSE 'a' END;
    IF a.status = 'a' THEN
        PERFORM martlet.stop(p_job, a.now);
        SELECT j INTO a.job FROM martlet.jobs j WHERE id = p_job;
    END IF;
    RETURN NEXT a;
END $$
----
CREATE FUNCTION martlet.revive(p_job uuid, p_now timestamptz, p_floor timestamptz) RETURNS SETOF martlet.answer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    a martlet.answer;
    o martlet.live;
    n martlet.live;
    k martlet.keys;
    v_tenant text;
BEGIN
    a.now := martlet.clock(p_now, p_floor);
    SELECT j INTO a.job FROM martlet.jobs j WHERE id = p_job;
    IF NOT FOUND OR (a.job).phase < 3 THEN
        a.status := CASE WHEN FOUND THEN 'p' ELSE 'n' END;
        RETURN NEXT a;
        RETURN;
    END IF;
    v_tenant := (a.job).tenant;
    IF (a.job).key IS NOT NULL THEN PERFORM martlet.lock_keys(ARRAY[v_tenant], ARRAY[(a.job).key]); END IF;
    PERFORM martlet.lock_jobs(NULL, ARRAY[(a.job).trigger], NULL, ARRAY[(a.job).parent], ARRAY[(a.job).parent_group]);
    SELECT * INTO o FROM martlet.finished WHERE id = p_job FOR UPDATE;
    IF NOT FOUND THEN
        -- Somebody else has revived it meanwhile.
        SELECT j INTO a.job FROM martlet.jobs j WHERE id = p_job;
        a.status := CASE WHEN FOUND THEN 'p' ELSE 'n' END;
        RETURN NEXT a;
        RETURN;
    END IF;
    IF o.key IS NOT NULL AND o.key_scope = 0 THEN
        SELECT * INTO k FROM martlet.keys WHERE tenant = v_tenant AND name = o.key FOR UPDATE;
        IF FOUND AND (k.expires IS NULL OR k.expires > a.now) AND k.job <> p_job THEN
            a.status := 'k';
            a.other := k.job;
            RETURN NEXT a;
            RETURN;
        END IF;
        INSERT INTO martlet.keys (tenant, name, job, expires, until_finished) VALUES (v_tenant, o.key, p_job, NULL, true)
        ON CONFLICT (tenant, name) DO UPDATE SET job = excluded.job, expires = NULL, until_finished = true;
    END IF;
    n := o;
    n.phase := 0; n.outcome := NULL; n.attempt := 0; n.deaths := 0; n.due := a.now; n.finished := NULL;
    n.error_kind := NULL; n.error_message := NULL; n.result := NULL; n.cancel := false;
    IF n.parent IS NOT NULL THEN
        UPDATE martlet.groups SET unfinished = unfinished + 1, succeeded = succeeded - (o.outcome = 0)::int,
            failed = failed - (o.outcome = 1)::int, cancelled = cancelled - (o.outcome = 2)::int
        WHERE parent = n.parent AND name = n.parent_group;
    END IF;
    PERFORM martlet.save(n, o);
    SELECT j INTO a.job FROM martlet.jobs j WHERE id = p_job;
    a.status := 'a';
    RETURN NEXT a;
END $$
