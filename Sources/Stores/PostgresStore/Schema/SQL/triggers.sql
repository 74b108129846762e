-- Creates or replaces a trigger; removes it where `p_definition` is null. `p_revision` and what follows it: where it stood in another store.
CREATE FUNCTION martlet.put_trigger(
    p_name text, p_paused boolean, p_overlap bigint, p_topic text, p_schedule text, p_definition text, p_revision bigint,
    p_next_slot timestamptz, p_last_slot timestamptz, p_created timestamptz, p_now timestamptz, p_floor timestamptz,
    OUT revision bigint, OUT next_slot timestamptz, OUT last_slot timestamptz, OUT created timestamptz, OUT now timestamptz
)
LANGUAGE plpgsql AS $$
DECLARE o martlet.triggers;
BEGIN
    now := martlet.clock(p_now, p_floor);
    PERFORM martlet.lock_triggers(ARRAY[p_name]);
    DELETE FROM martlet.triggers t WHERE t.name = p_name RETURNING t.* INTO o;
    IF o.topic IS NOT NULL OR p_topic IS NOT NULL THEN UPDATE martlet.topics SET version = version + 1; END IF;
    IF p_definition IS NULL THEN RETURN; END IF;
    revision := coalesce(o.revision, 0) + 1;
    created := coalesce(o.created, now);
    last_slot := o.last_slot;
    IF p_revision IS NOT NULL THEN
        -- It comes from another store; a revision never goes back.
        revision := greatest(revision, p_revision);
        next_slot := p_next_slot;
        last_slot := p_last_slot;
        created := p_created;
    ELSIF o.schedule = p_schedule THEN
        next_slot := o.next_slot;
    END IF;
    INSERT INTO martlet.triggers (name, revision, next_slot, last_slot, created, paused, overlap, topic, schedule, definition)
    VALUES (p_name, revision, next_slot, last_slot, created, p_paused, p_overlap, p_topic, p_schedule, p_definition);
END $$
----
-- Fires a time trigger by compare-and-set. Status 'n' no such trigger, 's' stale, 'e' early by `number` microseconds; else one answer for each
-- firing, then the time.
CREATE FUNCTION martlet.fire(
    p_name text, p_revision bigint, p_slot timestamptz, p_next timestamptz, p_slots timestamptz[], p_jobs json, p_now timestamptz,
    p_floor timestamptz
) RETURNS SETOF martlet.answer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := martlet.clock(p_now, p_floor);
    v_early timestamptz;
    v_keys text[];
    v_tenants text[];
    v_ord int := 0;
    a martlet.answer;
    t martlet.triggers;
    d martlet.new_job;
    j json;
BEGIN
    a.now := v_now;
    SELECT array_agg(key) FILTER (WHERE key IS NOT NULL), array_agg(tenant) FILTER (WHERE key IS NOT NULL) INTO v_keys, v_tenants
    FROM json_populate_recordset(NULL::martlet.new_job, p_jobs);
    IF v_keys IS NOT NULL THEN PERFORM martlet.lock_keys(v_tenants, v_keys); END IF;
    PERFORM martlet.lock_triggers(ARRAY[p_name]);
    SELECT * INTO t FROM martlet.triggers WHERE name = p_name FOR UPDATE;
    IF NOT FOUND THEN
        a.status := 'n';
    ELSIF t.revision <> p_revision OR t.next_slot IS DISTINCT FROM p_slot OR t.paused THEN
        a.status := 's';
    ELSE
        SELECT slot INTO v_early FROM unnest(p_slots) WITH ORDINALITY u(slot, ord) WHERE slot > v_now ORDER BY ord LIMIT 1;
        IF FOUND THEN
            a.status := 'e';
            a.number := (extract(epoch FROM v_early - v_now) * 1000000)::bigint;
        END IF;
    END IF;
    IF a.status IS NOT NULL THEN
        RETURN NEXT a;
        RETURN;
    END IF;
    -- Invariant 6: the slot moves in the same transaction, so nobody else finds it where it was.
    UPDATE martlet.triggers SET next_slot = p_next, last_slot = coalesce(p_slots[cardinality(p_slots)], last_slot) WHERE name = p_name;
    FOR j IN SELECT value FROM json_array_elements(p_jobs) LOOP
        d := json_populate_record(NULL::martlet.new_job, j);
        d.trigger := p_name;
        a := martlet.place(d, t.overlap, v_now);
        a.ord := v_ord;
        v_ord := v_ord + 1;
        RETURN NEXT a;
    END LOOP;
    a := NULL;
    a.now := v_now;
    RETURN NEXT a;
END $$
