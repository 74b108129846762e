-- Jobs and events that come from another store, as they stood there.
CREATE TYPE martlet.history AS (
    phase smallint, outcome smallint, attempt int, epoch bigint, settled bigint, deaths int, node text, cancel boolean, created timestamptz,
    started timestamptz, finished timestamptz, wait_kind smallint, wait_name text, wait_type text, wait_after bigint, wait_step text,
    wait_deadline bigint, progress double precision, progress_message text, result text, error_kind text, error_message text)
----
-- Whether a job that is kept makes room for a later state of it.
CREATE FUNCTION martlet.gives_way(o martlet.live, d martlet.new_job, h martlet.history) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT o.phase IN (0, 2) AND o.epoch <= h.epoch AND o.created = h.created
        AND EXISTS (SELECT FROM martlet.queues WHERE name = d.queue AND paused)
        AND EXISTS (SELECT FROM martlet.lanes WHERE id = o.lane AND queue = d.queue AND tenant = d.tenant)
$$
----
-- Forgets a job, but not its stream.
CREATE FUNCTION martlet.discard(o martlet.live, p_tenant text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM martlet.live WHERE id = o.id;
    DELETE FROM martlet.steps WHERE job = o.id;
    PERFORM martlet.tally(o.lane, o.phase, o.outcome, NULL, NULL, NULL, NULL);
    IF o.key IS NOT NULL THEN DELETE FROM martlet.keys WHERE tenant = p_tenant AND name = o.key AND job = o.id; END IF;
    IF o.parent IS NOT NULL THEN UPDATE martlet.groups SET unfinished = unfinished - 1 WHERE parent = o.parent AND name = o.parent_group; END IF;
END $$
----
-- Writes the row of an adopted job and counts it. False where somebody has written one meanwhile.
CREATE FUNCTION martlet.write_adopted(d martlet.new_job, h martlet.history, p_has_steps boolean, p_now timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE n martlet.live;
BEGIN
    n.id := d.id; n.created := h.created; n.started := h.started; n.finished := h.finished; n.epoch := h.epoch; n.settled := h.settled;
    n.timeout := d.timeout; n.queue_timeout := d.queue_timeout; n.lane := martlet.lane(d.queue, d.kind, d.tenant); n.attempt := h.attempt;
    n.deaths := h.deaths; n.max_attempts := d.max_attempts; n.priority := d.priority; n.cancel := h.cancel; n.has_steps := p_has_steps;
    n.class := d.priority + CASE WHEN h.deaths >= 2 THEN 4 ELSE 0 END; n.phase := h.phase; n.outcome := h.outcome; n.node := h.node;
    n.parent := d.parent; n.parent_group := d.parent_group; n.trigger := d.trigger; n.key := d.key; n.key_scope := d.key_scope;
    n.labels := d.labels; n.payload := d.payload; n.result := h.result; n.progress := h.progress; n.progress_message := h.progress_message;
    n.error_kind := h.error_kind; n.error_message := h.error_message; n.wait_kind := h.wait_kind; n.wait_name := h.wait_name;
    n.wait_type := h.wait_type; n.wait_after := h.wait_after; n.wait_step := h.wait_step; n.wait_deadline := h.wait_deadline;
    n.due := coalesce(d.due, martlet.later(p_now, d.delay));
    n.alarm := CASE WHEN n.phase = 0 AND n.queue_timeout IS NOT NULL THEN martlet.later(n.due, n.queue_timeout)
        WHEN n.phase = 2 THEN nullif(n.due, timestamptz '9999-12-31 23:59:59+00') END;
    IF n.phase = 3 THEN
        INSERT INTO martlet.finished SELECT n.* ON CONFLICT (id) DO NOTHING;
    ELSE
        INSERT INTO martlet.live SELECT n.* ON CONFLICT (id) DO NOTHING;
    END IF;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM martlet.tally(n.lane, NULL, NULL, n.phase, n.outcome, n.class, n.due);
    IF d.parent IS NOT NULL THEN
        INSERT INTO martlet.groups AS g (parent, name, unfinished, succeeded, failed, cancelled)
        VALUES (d.parent, d.parent_group, (h.phase <> 3)::int, (h.outcome IS NOT DISTINCT FROM 0)::int, (h.outcome IS NOT DISTINCT FROM 1)::int,
            (h.outcome IS NOT DISTINCT FROM 2)::int)
        ON CONFLICT (parent, name) DO UPDATE SET unfinished = g.unfinished + excluded.unfinished, succeeded = g.succeeded + excluded.succeeded,
            failed = g.failed + excluded.failed, cancelled = g.cancelled + excluded.cancelled;
    END IF;
    RETURN true;
END $$
----
-- Adopts one job, or says why not. `p_steps`: name, state, time and result of each, in order.
CREATE FUNCTION martlet.adopt_one(d martlet.new_job, h martlet.history, p_steps json, p_now timestamptz) RETURNS martlet.answer
LANGUAGE plpgsql AS $$
DECLARE
    a martlet.answer;
    k martlet.keys;
    o martlet.live;
    v_keeps boolean := d.key IS NOT NULL AND CASE d.key_scope
        WHEN 0 THEN h.phase <> 3 WHEN 1 THEN true ELSE martlet.later(h.created, d.key_window) > p_now END;
    v_result text;
BEGIN
    a.status := 'a';
    SELECT j INTO a.job FROM martlet.jobs j WHERE id = d.id;
    IF FOUND THEN
        SELECT * INTO o FROM martlet.live WHERE id = d.id FOR UPDATE;
        IF NOT FOUND OR NOT martlet.gives_way(o, d, h) THEN
            a.status := CASE WHEN ((a.job).kind, (a.job).queue, (a.job).tenant, (a.job).payload) = (d.kind, d.queue, d.tenant, d.payload)
                THEN 'd' ELSE 'i' END;
            RETURN a;
        END IF;
        a.status := 'r';
    END IF;
    IF v_keeps THEN
        SELECT * INTO k FROM martlet.keys WHERE tenant = d.tenant AND name = d.key FOR UPDATE;
        IF FOUND AND (k.expires IS NULL OR k.expires > p_now) AND k.job <> d.id THEN
            a.status := 'k';
            a.other := k.job;
            a.job := NULL;
            RETURN a;
        END IF;
    END IF;
    IF a.status = 'r' THEN PERFORM martlet.discard(o, d.tenant); END IF;
    IF NOT martlet.write_adopted(d, h, p_steps IS NOT NULL, p_now) THEN
        RAISE EXCEPTION 'job % came in by two ways at once', d.id USING ERRCODE = 'serialization_failure';
    END IF;
    INSERT INTO martlet.steps (job, name, state, at, result)
    SELECT d.id, s.value->>0, (s.value->>1)::smallint, (s.value->>2)::timestamptz, s.value->>3
    FROM json_array_elements(p_steps) WITH ORDINALITY s(value, ord) ORDER BY s.ord;
    IF v_keeps THEN
        INSERT INTO martlet.keys AS k (tenant, name, job, expires, until_finished)
        VALUES (d.tenant, d.key, d.id, CASE WHEN d.key_scope = 2 THEN martlet.later(h.created, d.key_window) END, d.key_scope = 0)
        ON CONFLICT (tenant, name) DO UPDATE SET job = excluded.job, expires = excluded.expires, until_finished = excluded.until_finished;
    END IF;
    -- Children may come after their parent: only an event that is there already can tell at once that a wait is over.
    IF h.wait_kind = 0 THEN
        SELECT '{"event":' || martlet.wire(h.wait_name, e.seq, e.at, e.type, e.data) || '}' INTO v_result
        FROM martlet.streams t JOIN martlet.events e ON e.stream = t.id
        WHERE t.name = h.wait_name AND e.seq > h.wait_after AND e.type = h.wait_type ORDER BY e.seq LIMIT 1;
        IF v_result IS NOT NULL THEN
            SELECT * INTO o FROM martlet.live WHERE id = d.id;
            PERFORM martlet.end_wait(o, v_result, p_now);
        END IF;
    END IF;
    SELECT j INTO a.job FROM martlet.jobs j WHERE id = d.id;
    RETURN a;
END $$
----
-- Adopts jobs one after another: each element is a `new_job` and a `history`, with its `steps`. Answers each, then the time.
CREATE FUNCTION martlet.adopt(p_jobs json, p_now timestamptz, p_floor timestamptz) RETURNS SETOF martlet.answer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := martlet.clock(p_now, p_floor);
    v_keys text[];
    v_tenants text[];
    v_parents uuid[];
    v_groups text[];
    v_triggers text[];
    v_ids uuid[];
    v_ord int := 0;
    a martlet.answer;
    d martlet.new_job;
    j json;
BEGIN
    SELECT array_agg(key) FILTER (WHERE key IS NOT NULL), array_agg(tenant) FILTER (WHERE key IS NOT NULL),
        array_agg(parent) FILTER (WHERE parent IS NOT NULL), array_agg(parent_group) FILTER (WHERE parent IS NOT NULL),
        array_agg(trigger) FILTER (WHERE trigger IS NOT NULL), array_agg(id)
    INTO v_keys, v_tenants, v_parents, v_groups, v_triggers, v_ids
    FROM json_populate_recordset(NULL::martlet.new_job, p_jobs);
    IF v_keys IS NOT NULL THEN PERFORM martlet.lock_keys(v_tenants, v_keys); END IF;
    PERFORM martlet.lock_jobs(v_ids, v_triggers, (
        SELECT array_agg(DISTINCT e.value->>'wait_name' ORDER BY e.value->>'wait_name') FROM json_array_elements(p_jobs) e(value)
        WHERE e.value->>'wait_kind' = '0'), v_parents, v_groups);
    FOR j IN SELECT value FROM json_array_elements(p_jobs) LOOP
        d := json_populate_record(NULL::martlet.new_job, j);
        a := martlet.adopt_one(d, json_populate_record(NULL::martlet.history, j), j->'steps', v_now);
        a.ord := v_ord;
        RETURN NEXT a;
        v_ord := v_ord + 1;
    END LOOP;
    a := NULL;
    a.now := v_now;
    RETURN NEXT a;
END $$
----
-- Writes events where they stood: each element has stream, type, data, seq and at. Answers for each 'a', 'g' where it would leave a gap after
-- `number`, or 'o' where another event has its number; then the time.
CREATE FUNCTION martlet.adopt_events(p_events json, p_streams text[], p_now timestamptz, p_floor timestamptz) RETURNS SETOF martlet.answer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := martlet.clock(p_now, p_floor);
    v_stream bigint;
    v_pruned bigint;
    v_last bigint;
    v_ord int := 0;
    a martlet.answer;
    e record;
    k martlet.events;
    w martlet.live;
BEGIN
    PERFORM martlet.lock_jobs(NULL, NULL, p_streams, NULL, NULL);
    FOR e IN SELECT * FROM json_to_recordset(p_events) r(stream text, type text, data text, seq bigint, at timestamptz) LOOP
        SELECT id, pruned INTO v_stream, v_pruned FROM martlet.streams WHERE name = e.stream FOR UPDATE;
        v_last := greatest(v_pruned, (SELECT max(seq) FROM martlet.events WHERE stream = v_stream));
        a := NULL;
        a.ord := v_ord;
        v_ord := v_ord + 1;
        a.number := e.seq;
        a.status := 'a';
        IF e.seq <= v_last THEN
            SELECT * INTO k FROM martlet.events WHERE stream = v_stream AND seq = e.seq;
            IF FOUND AND (k.type, k.data, k.at) IS DISTINCT FROM (e.type, e.data, e.at) THEN a.status := 'o'; END IF;
        ELSIF v_last > 0 AND e.seq > v_last + 1 THEN
            a.status := 'g';
            a.number := v_last;
        ELSE
            IF e.seq > v_last + 1 THEN UPDATE martlet.streams SET pruned = e.seq - 1 WHERE id = v_stream; END IF;
            INSERT INTO martlet.events (stream, seq, at, type, data) VALUES (v_stream, e.seq, e.at, e.type, e.data);
            FOR w IN
                SELECT * FROM martlet.live
                WHERE phase = 2 AND wait_kind = 0 AND wait_name = e.stream AND wait_type = e.type AND wait_after < e.seq
                ORDER BY id FOR UPDATE
            LOOP
                PERFORM martlet.end_wait(w, '{"event":' || martlet.wire(e.stream, e.seq, e.at, e.type, e.data) || '}', v_now);
            END LOOP;
        END IF;
        RETURN NEXT a;
    END LOOP;
    a := NULL;
    a.now := v_now;
    RETURN NEXT a;
END $$
