-- How long after its slot the job of a trigger is due (see `Trigger.delay`). `p_hash`: FNV-1a of the trigger's name.
CREATE FUNCTION martlet.jitter(p_hash numeric, p_span bigint, p_slot timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_hash numeric := p_hash;
    v_slot bigint := (extract(epoch FROM p_slot) * 1000000)::bigint;
    v_low int;
    v_high bigint;
BEGIN
    IF p_span <= 0 THEN RETURN 0; END IF;
    FOR i IN 0..7 LOOP
        v_low := mod(v_hash, 256)::int;
        v_hash := v_hash - v_low + (v_low # ((v_slot >> (8 * i)) & 255)::int);
        v_hash := mod(v_hash * 1099511628211, 18446744073709551616);
    END LOOP;
    v_high := div(v_hash, 4294967296)::bigint;
    v_hash := v_high::numeric * 4294967296 + (mod(v_hash, 4294967296)::bigint # v_high);
    RETURN mod(v_hash, p_span + 1)::bigint;
END $$
----
-- Enqueues a trigger's job under its overlap policy; status '-' where that drops it. Only under the trigger's lock.
CREATE FUNCTION martlet.place(d martlet.new_job, p_overlap smallint, p_now timestamptz) RETURNS martlet.answer
LANGUAGE plpgsql AS $$
DECLARE
    a martlet.answer;
    v_earlier uuid[];
BEGIN
    SELECT array_agg(id ORDER BY id) INTO v_earlier FROM martlet.live WHERE trigger = d.trigger;
    IF v_earlier IS NOT NULL AND p_overlap = 0 THEN
        a.status := '-';
        RETURN a;
    END IF;
    IF v_earlier IS NOT NULL AND p_overlap = 2 THEN
        PERFORM martlet.lock_jobs(v_earlier, NULL, NULL, NULL, NULL);
        FOR i IN 1..cardinality(v_earlier) LOOP PERFORM martlet.stop(v_earlier[i], p_now); END LOOP;
    END IF;
    a := martlet.accept(d, p_now, NULL, v_earlier IS NOT NULL AND p_overlap = 1);
    IF a.status IN ('a', 'w') AND d.parent IS NOT NULL THEN PERFORM martlet.join_groups(ARRAY[d.parent], ARRAY[d.parent_group]); END IF;
    RETURN a;
END $$
----
-- Appends one event and lets go whatever it sets free: waiters, then topic triggers. `p_event`: stream, type, data, and `fires`, the jobs of
-- the triggers that match. `used`: random ids used up to here.
CREATE FUNCTION martlet.append_one(p_event json, p_random text[], p_used int, p_now timestamptz, OUT number bigint, OUT used int)
LANGUAGE plpgsql AS $$
DECLARE
    v_name text := p_event->>'stream';
    v_stream bigint;
    v_pruned bigint;
    v_wire text;
    w martlet.live;
    f json;
    d martlet.new_job;
BEGIN
    used := p_used;
    SELECT id, pruned INTO v_stream, v_pruned FROM martlet.streams WHERE name = v_name FOR UPDATE;
    number := greatest(v_pruned, (SELECT max(seq) FROM martlet.events WHERE stream = v_stream)) + 1;
    INSERT INTO martlet.events (stream, seq, at, type, data) VALUES (v_stream, number, p_now, p_event->>'type', p_event->>'data');
    FOR w IN
        SELECT * FROM martlet.live
        WHERE phase = 2 AND wait_kind = 0 AND wait_name = v_name AND wait_type = p_event->>'type' AND wait_after < number
        ORDER BY id FOR UPDATE
    LOOP
        PERFORM martlet.end_wait(w, '{"event":' || martlet.wire(v_name, number, p_now, p_event->>'type', p_event->>'data') || '}', p_now);
    END LOOP;
    IF p_event->'fires' IS NULL THEN RETURN; END IF;
    v_wire := martlet.wire(v_name, number, p_now, p_event->>'type', p_event->>'data');
    FOR f IN SELECT value FROM json_array_elements(p_event->'fires') LOOP
        used := used + 1;
        d := json_populate_record(NULL::martlet.new_job, f->'job');
        d.id := (lpad(to_hex(floor(extract(epoch FROM p_now) * 1000)::bigint), 12, '0') || p_random[used])::uuid;
        d.payload := (f->>'prefix') || v_wire || '}';
        IF octet_length(d.payload) > 1048576 THEN d.kind := NULL; END IF;
        d.delay := martlet.jitter((f->>'hash')::numeric, (f->>'jitter')::bigint, p_now);
        PERFORM martlet.place(d, (f->>'overlap')::smallint, p_now);
    END LOOP;
END $$
----
-- Appends events that set nothing free, all at once: no trigger fires, and nobody waits for anything of these streams. Answers like `append`.
CREATE FUNCTION martlet.append_plain(p_events json, p_now timestamptz) RETURNS SETOF martlet.answer
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    WITH events AS MATERIALIZED (
        SELECT (e.ord - 1)::int AS ord, e.doc->>'stream' AS stream, e.doc->>'type' AS type, e.doc->>'data' AS data, j.id AS job,
            (e.doc->>'fraction')::double precision AS fraction, e.doc->>'message' AS message, e.doc->>'job' IS NULL OR j.id IS NOT NULL AS fits
        FROM json_array_elements(p_events) WITH ORDINALITY e(doc, ord) LEFT JOIN LATERAL (
            SELECT id FROM martlet.live WHERE id = (e.doc->>'job')::uuid AND phase + 0 = 1 AND epoch = (e.doc->>'epoch')::bigint
                AND (expires IS NULL OR expires > p_now)) j ON true
    ), numbered AS MATERIALIZED (
        SELECT e.ord, s.id AS stream, e.type, e.data, coalesce(greatest(s.pruned, (SELECT max(seq) FROM martlet.events WHERE stream = s.id)), 0)
            + row_number() OVER (PARTITION BY s.id ORDER BY e.ord) AS number
        FROM events e JOIN martlet.streams s ON s.name = e.stream WHERE e.fits
    ), written AS (
        INSERT INTO martlet.events (stream, seq, at, type, data) SELECT stream, number, p_now, type, data FROM numbered
    ), progressed AS (
        UPDATE martlet.live j SET progress = p.fraction, progress_message = p.message
        FROM (SELECT DISTINCT ON (job) job, fraction, message FROM events WHERE fits AND fraction IS NOT NULL ORDER BY job, ord DESC) p
        WHERE j.id = p.job
    )
    SELECT n.ord, 'a'::"char", NULL::uuid, n.number, NULL::text, NULL::smallint, NULL::smallint, p_now, NULL::martlet.jobs FROM numbered n
    UNION ALL
    SELECT e.ord, 'l'::"char", NULL::uuid, NULL::bigint, NULL::text, NULL::smallint, NULL::smallint, p_now, NULL::martlet.jobs
    FROM events e WHERE NOT e.fits;
    RETURN QUERY SELECT NULL::int, NULL::"char", NULL::uuid, 0::bigint, NULL::text, NULL::smallint, NULL::smallint, p_now, NULL::martlet.jobs;
END $$
----
CREATE FUNCTION martlet.append(
    p_events json, p_streams text[], p_triggers text[], p_jobs uuid[], p_random text[], p_topics bigint, p_now timestamptz, p_floor timestamptz
) RETURNS SETOF martlet.answer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := martlet.clock(p_now, p_floor);
    a martlet.answer;
    e json;
    o martlet.live;
    v_ord int := -1;
    v_used int := 0;
BEGIN
    a.now := v_now;
    IF p_topics <> (SELECT version FROM martlet.topics) THEN
        a.status := 's';
        RETURN NEXT a;
        RETURN;
    END IF;
    PERFORM martlet.lock_jobs(p_jobs, p_triggers, p_streams, NULL, NULL);
    IF cardinality(p_random) = 0 AND NOT EXISTS (
        SELECT FROM unnest(p_streams) s(name) CROSS JOIN LATERAL (
            SELECT FROM martlet.live WHERE phase = 2 AND wait_kind = 0 AND wait_name = s.name LIMIT 1) w)
    THEN
        RETURN QUERY SELECT * FROM martlet.append_plain(p_events, v_now);
        RETURN;
    END IF;
    FOR e IN SELECT value FROM json_array_elements(p_events) LOOP
        v_ord := v_ord + 1;
        a.ord := v_ord;
        a.number := NULL;
        IF e->>'job' IS NOT NULL THEN
            SELECT * INTO o FROM martlet.live WHERE id = (e->>'job')::uuid AND phase + 0 = 1 AND epoch = (e->>'epoch')::bigint
                AND (expires IS NULL OR expires > v_now);
            IF NOT FOUND THEN
                a.status := 'l';
                RETURN NEXT a;
                CONTINUE;
            END IF;
            IF e->>'fraction' IS NOT NULL THEN
                UPDATE martlet.live SET progress = (e->>'fraction')::double precision, progress_message = e->>'message' WHERE id = o.id;
            END IF;
        END IF;
        a.status := 'a';
        SELECT number, used INTO a.number, v_used FROM martlet.append_one(e, p_random, v_used, v_now);
        RETURN NEXT a;
    END LOOP;
    a.ord := NULL;
    a.status := NULL;
    a.number := v_used;
    RETURN NEXT a;
END $$
