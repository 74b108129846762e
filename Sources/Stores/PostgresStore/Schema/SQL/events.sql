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
