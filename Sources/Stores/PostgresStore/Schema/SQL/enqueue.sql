-- A second job asks for a taken key.
CREATE FUNCTION martlet.collide(d martlet.new_job, p_holder uuid, p_now timestamptz) RETURNS martlet.answer
LANGUAGE plpgsql AS $$
DECLARE
    a martlet.answer;
    o martlet.live;
    n martlet.live;
    l martlet.lanes;
BEGIN
    a.other := p_holder;
    a.status := 'k';
    IF d.key_conflict = 1 THEN RETURN a; END IF;
    IF d.key_conflict = 2 THEN
        SELECT * INTO o FROM martlet.live WHERE id = p_holder AND phase + 0 = 0 FOR UPDATE;
        IF FOUND THEN
            -- The holder keeps its queue and tenant.
            SELECT * INTO l FROM martlet.lanes WHERE id = o.lane;
            n := o;
            n.lane := martlet.lane(l.queue, d.kind, l.tenant);
            n.priority := d.priority;
            n.due := coalesce(d.due, martlet.later(p_now, d.delay));
            n.timeout := d.timeout;
            n.queue_timeout := d.queue_timeout;
            n.max_attempts := d.max_attempts;
            PERFORM martlet.save(n, o);
            UPDATE martlet.live SET payload = d.payload, labels = d.labels WHERE id = p_holder;
            a.status := 'r';
        END IF;
    END IF;
    SELECT j INTO a.job FROM martlet.jobs j WHERE id = p_holder;
    IF FOUND AND a.status = 'k' THEN a.status := 'd'; END IF;
    RETURN a;
END $$
----
-- Whether a queue lets in one more job, and since when it lets none in (see Admission).
CREATE FUNCTION martlet.admits(p_queue text, p_priority smallint, p_depth bigint, OUT admitted boolean, OUT retry bigint)
LANGUAGE plpgsql AS $$
DECLARE
    q martlet.queues;
    v_low bigint;
    v_step bigint;
    v_from int;
BEGIN
    admitted := true;
    SELECT * INTO q FROM martlet.queues WHERE name = p_queue;
    IF q.high_water IS NULL THEN RETURN; END IF;
    v_low := coalesce(q.low_water, q.high_water * 3 / 5);
    v_step := greatest(1, (q.high_water - v_low) / 4);
    v_from := CASE WHEN p_depth < v_low THEN 4 ELSE q.refused_from END;
    WHILE v_from > 0 AND p_depth >= q.high_water + (2 - (v_from - 1)) * v_step LOOP v_from := v_from - 1; END LOOP;
    IF v_from <> q.refused_from THEN UPDATE martlet.queues SET refused_from = v_from WHERE name = p_queue; END IF;
    admitted := p_priority < v_from;
    retry := least(60, 1 + greatest(0, p_depth - v_low) / 1000);
END $$
----
-- Takes in one job, or says why not; its group the caller counts with `join_groups`, once for all it takes in. `p_depth`: the ready jobs of
-- its queue; null for jobs that no full queue refuses. `p_turn`: it has to wait until the earlier jobs of its trigger are finished.
CREATE FUNCTION martlet.accept(d martlet.new_job, p_now timestamptz, p_depth bigint, p_turn boolean) RETURNS martlet.answer
LANGUAGE plpgsql AS $$
DECLARE
    a martlet.answer;
    k martlet.keys;
    n martlet.live;
    v_admitted boolean;
BEGIN
    IF d.kind IS NULL THEN
        -- The caller has found a fault.
        a.status := 'f';
        RETURN a;
    END IF;
    LOOP
        SELECT j INTO a.job FROM martlet.jobs j WHERE id = d.id;
        IF FOUND THEN
            a.status := CASE WHEN ((a.job).kind, (a.job).queue, (a.job).tenant, (a.job).payload) = (d.kind, d.queue, d.tenant, d.payload)
                THEN 'd' ELSE 'i' END;
            RETURN a;
        END IF;
        IF d.key IS NOT NULL THEN
            SELECT * INTO k FROM martlet.keys WHERE tenant = d.tenant AND name = d.key FOR UPDATE;
            IF FOUND AND (k.expires IS NULL OR k.expires > p_now) THEN RETURN martlet.collide(d, k.job, p_now); END IF;
        END IF;
        IF p_depth IS NOT NULL THEN
            SELECT admitted, retry INTO v_admitted, a.number FROM martlet.admits(d.queue, d.priority, p_depth);
            IF NOT v_admitted THEN
                a.status := 'q';
                RETURN a;
            END IF;
        END IF;
        n.id := d.id; n.created := p_now; n.epoch := 0; n.settled := 0; n.timeout := d.timeout; n.queue_timeout := d.queue_timeout;
        n.lane := martlet.lane(d.queue, d.kind, d.tenant); n.attempt := 0; n.deaths := 0; n.max_attempts := d.max_attempts;
        n.priority := d.priority; n.class := d.priority; n.cancel := false; n.has_steps := false; n.parent := d.parent;
        n.parent_group := d.parent_group; n.trigger := d.trigger; n.key := d.key; n.key_scope := d.key_scope; n.labels := d.labels;
        n.payload := d.payload;
        IF p_turn THEN
            n.phase := 2; n.due := timestamptz '9999-12-31 23:59:59+00'; n.wait_kind := 2; n.wait_name := d.trigger;
        ELSE
            n.phase := 0; n.due := coalesce(d.due, martlet.later(p_now, d.delay));
            IF d.queue_timeout IS NOT NULL THEN n.alarm := martlet.later(n.due, d.queue_timeout); END IF;
        END IF;
        INSERT INTO martlet.live SELECT n.* ON CONFLICT (id) DO NOTHING;
        CONTINUE WHEN NOT FOUND;
        -- It may have finished between the look and the insert.
        EXIT WHEN NOT EXISTS (SELECT FROM martlet.finished WHERE id = d.id);
        DELETE FROM martlet.live WHERE id = d.id;
    END LOOP;
    IF d.key IS NOT NULL THEN
        INSERT INTO martlet.keys AS k (tenant, name, job, expires, until_finished)
        VALUES (d.tenant, d.key, d.id, CASE WHEN d.key_scope = 2 THEN martlet.later(p_now, d.key_window) END, d.key_scope = 0)
        ON CONFLICT (tenant, name) DO UPDATE SET job = excluded.job, expires = excluded.expires, until_finished = excluded.until_finished;
    END IF;
    PERFORM martlet.tally(n.lane, NULL, NULL, n.phase, NULL, n.class, n.due);
    a.status := CASE WHEN p_turn THEN 'w' ELSE 'a' END;
    RETURN a;
END $$
----
-- Takes in at once those jobs of a call that nothing stands in the way of: id and key are free, and named once. Answers their ids; the others
-- are for `accept`, one by one. Only for queues that cannot be full, and where the keys are locked.
CREATE FUNCTION martlet.accept_free(p_jobs martlet.new_job[], p_now timestamptz) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    v_free martlet.new_job[];
    v_made uuid[];
    v_gone uuid[];
BEGIN
    SELECT array_agg(d.job) INTO v_free FROM (
        SELECT j AS job, j.id, j.tenant, j.key, count(*) OVER (PARTITION BY j.id) AS twins,
            count(*) OVER (PARTITION BY j.tenant, j.key) AS rivals
        FROM unnest(p_jobs) j WHERE j.kind IS NOT NULL) d
    WHERE d.twins = 1 AND (d.key IS NULL OR d.rivals = 1 AND NOT EXISTS (
            SELECT FROM martlet.keys k WHERE k.tenant = d.tenant AND k.name = d.key))
        AND NOT EXISTS (SELECT FROM martlet.live j WHERE j.id = d.id) AND NOT EXISTS (SELECT FROM martlet.finished j WHERE j.id = d.id);
    IF v_free IS NULL THEN RETURN NULL; END IF;
    PERFORM martlet.lane(n.queue, n.kind, n.tenant) FROM (
        SELECT DISTINCT queue, kind, tenant FROM unnest(v_free) ORDER BY queue, kind, tenant) n;
    WITH free AS MATERIALIZED (
        SELECT d.*, coalesce(d.due, martlet.later(p_now, d.delay)) AS at FROM unnest(v_free) d
    ), made AS (
        INSERT INTO martlet.live (id, due, created, alarm, timeout, queue_timeout, lane, max_attempts, priority, class, labels, payload, parent,
            parent_group, trigger, key, key_scope)
        SELECT f.id, f.at, p_now, CASE WHEN f.queue_timeout IS NOT NULL THEN martlet.later(f.at, f.queue_timeout) END, f.timeout, f.queue_timeout,
            l.id, f.max_attempts, f.priority, f.priority, f.labels, f.payload, f.parent, f.parent_group, f.trigger, f.key, f.key_scope
        FROM free f JOIN martlet.lanes l ON l.queue = f.queue AND l.tenant = f.tenant AND l.kind = f.kind
        ON CONFLICT (id) DO NOTHING RETURNING id
    )
    SELECT array_agg(id) INTO v_made FROM made;
    -- A statement of its own sees what has finished meanwhile.
    SELECT array_agg(m.id) INTO v_gone
    FROM unnest(v_made) m(id) CROSS JOIN LATERAL (SELECT FROM martlet.finished f WHERE f.id = m.id LIMIT 1) f;
    IF v_gone IS NOT NULL THEN
        DELETE FROM martlet.live WHERE id = ANY (v_gone);
        SELECT array_agg(id) INTO v_made FROM (SELECT unnest(v_made) EXCEPT SELECT unnest(v_gone)) m(id);
    END IF;
    -- The tests are not joins, so that they are looked up in a table of hashes.
    WITH made AS MATERIALIZED (
        SELECT j.id, j.lane, j.class, j.due, j.key, j.key_scope, d.tenant, d.queue, d.key_window
        FROM unnest(v_free) d JOIN martlet.live j ON j.id = d.id WHERE (d.id IN (SELECT unnest(v_made))) IS TRUE
    ), counted AS (
        INSERT INTO martlet.deltas (queue, lane, class, due, ready)
        SELECT queue, lane, class, min(due), count(*) FROM made GROUP BY queue, lane, class
    )
    INSERT INTO martlet.keys (tenant, name, job, expires, until_finished)
    SELECT tenant, key, id, CASE WHEN key_scope = 2 THEN martlet.later(p_now, key_window) END, key_scope = 0 FROM made WHERE key IS NOT NULL
    ON CONFLICT (tenant, name) DO UPDATE SET job = excluded.job, expires = excluded.expires, until_finished = excluded.until_finished;
    RETURN v_made;
END $$
----
-- Counts jobs that have been taken in, in their groups.
CREATE FUNCTION martlet.join_groups(p_parents uuid[], p_groups text[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO martlet.groups AS g (parent, name, unfinished)
    SELECT parent, name, count(*) FROM unnest(p_parents, p_groups) u(parent, name) WHERE parent IS NOT NULL GROUP BY parent, name ORDER BY parent, name
    ON CONFLICT (parent, name) DO UPDATE SET unfinished = g.unfinished + excluded.unfinished
$$
----
-- Waits its turn to take these keys. In buckets, so that ten thousand of them do not fill the server's table of locks.
CREATE FUNCTION martlet.lock_keys(p_tenants text[], p_names text[]) RETURNS void
LANGUAGE sql AS $$
    SELECT count(pg_advisory_xact_lock(hashtext('martlet.keys'), bucket)) FROM (
        SELECT DISTINCT hashtext(tenant || '/' || name) & 255 AS bucket FROM unnest(p_tenants, p_names) u(tenant, name)
        WHERE name IS NOT NULL ORDER BY bucket OFFSET 0) buckets
$$
----
-- Takes in jobs one after another: `p_jobs` is a JSON array of `new_job`. Answers those that were not simply accepted, then the time.
CREATE FUNCTION martlet.enqueue_each(p_jobs json, p_now timestamptz, p_floor timestamptz) RETURNS SETOF martlet.answer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := martlet.clock(p_now, p_floor);
    v_limited text[];
    v_depths bigint[];
    v_at int;
    v_keys text[];
    v_tenants text[];
    v_parents uuid[];
    v_groups text[];
    v_triggers text[];
    v_joined uuid[];
    v_joined_groups text[];
    v_ords int[];
    v_jobs martlet.new_job[] := ARRAY(SELECT j FROM json_populate_recordset(NULL::martlet.new_job, p_jobs) j);
    v_made uuid[];
    a martlet.answer;
    d martlet.new_job;
BEGIN
    SELECT array_agg(key) FILTER (WHERE key IS NOT NULL), array_agg(tenant) FILTER (WHERE key IS NOT NULL),
        array_agg(parent) FILTER (WHERE parent IS NOT NULL), array_agg(parent_group) FILTER (WHERE parent IS NOT NULL),
        array_agg(trigger) FILTER (WHERE trigger IS NOT NULL),
        (SELECT array_agg(name ORDER BY name) FROM martlet.queues WHERE high_water IS NOT NULL AND name = ANY (array_agg(queue)))
    INTO v_keys, v_tenants, v_parents, v_groups, v_triggers, v_limited
    FROM unnest(v_jobs);
    SELECT array_agg(depth ORDER BY name) INTO v_depths FROM martlet.lock_depths(v_limited, v_now);
    IF v_keys IS NOT NULL THEN PERFORM martlet.lock_keys(v_tenants, v_keys); END IF;
    IF v_parents IS NOT NULL OR v_triggers IS NOT NULL THEN
        PERFORM martlet.lock_jobs(NULL, v_triggers, NULL, v_parents, v_groups);
    END IF;
    IF v_limited IS NULL THEN
        v_made := martlet.accept_free(v_jobs, v_now);
        SELECT array_agg(j.parent), array_agg(j.parent_group) INTO v_joined, v_joined_groups
        FROM unnest(v_jobs) j WHERE j.parent IS NOT NULL AND (j.id IN (SELECT unnest(v_made))) IS TRUE;
    END IF;
    SELECT array_agg(j.ord ORDER BY j.ord), array_agg(j.job ORDER BY j.ord) INTO v_ords, v_jobs
    FROM (SELECT row_number() OVER () - 1 AS ord, j AS job, j.id FROM unnest(v_jobs) j) j
    WHERE j.id IS NULL OR (j.id IN (SELECT unnest(v_made))) IS NOT TRUE;
    FOR i IN 1..coalesce(cardinality(v_jobs), 0) LOOP
        d := v_jobs[i];
        v_at := array_position(v_limited, d.queue);
        a := martlet.accept(d, v_now, v_depths[v_at], false);
        IF a.status = 'a' THEN
            IF v_at IS NOT NULL THEN v_depths[v_at] := v_depths[v_at] + 1; END IF;
            IF d.parent IS NOT NULL THEN
                v_joined := v_joined || d.parent;
                v_joined_groups := v_joined_groups || d.parent_group;
            END IF;
        ELSE
            IF a.status = 'q' THEN a.word := v_depths[v_at]::text; END IF;
            a.ord := v_ords[i];
            RETURN NEXT a;
        END IF;
    END LOOP;
    IF v_joined IS NOT NULL THEN PERFORM martlet.join_groups(v_joined, v_joined_groups); END IF;
    a := NULL;
    a.now := v_now;
    RETURN NEXT a;
END $$
----
-- Locks queues that can be full, by name, and counts their ready jobs.
CREATE FUNCTION martlet.lock_depths(p_queues text[], p_now timestamptz) RETURNS TABLE (name text, depth bigint)
LANGUAGE plpgsql AS $$
DECLARE v_name text;
BEGIN
    IF p_queues IS NULL THEN RETURN; END IF;
    FOREACH v_name IN ARRAY p_queues LOOP
        PERFORM FROM martlet.queues q WHERE q.name = v_name FOR NO KEY UPDATE;
        PERFORM martlet.fold(v_name, p_now);
        name := v_name;
        depth := (martlet.state_of(v_name)).ready;
        RETURN NEXT;
    END LOOP;
END $$
----
-- Takes in jobs that have neither key, parent nor trigger, and ids that differ, all at once. `p_lane`: for each job the position of its
-- queue, kind and tenant in the three lists before it. Answers those that were not simply accepted, then the time.
CREATE FUNCTION martlet.enqueue_plain(
    p_queues text[], p_kinds text[], p_tenants text[], p_lane bigint[], p_ids uuid[], p_priorities bigint[], p_payloads text[],
    p_dues timestamptz[], p_delays bigint[], p_timeouts bigint[], p_queue_timeouts bigint[], p_max_attempts bigint[], p_labels jsonb[],
    p_now timestamptz, p_floor timestamptz
) RETURNS SETOF martlet.answer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := martlet.clock(p_now, p_floor);
    v_lanes int[];
    v_new boolean;
    v_made uuid[];
    v_made_lanes int[];
    v_made_classes smallint[];
    v_made_dues timestamptz[];
    v_gone uuid[];
    v_limited text[];
    v_depths bigint[];
    v_at int;
    a martlet.answer;
    d martlet.new_job;
BEGIN
    SELECT array_agg(q.name ORDER BY q.name) INTO v_limited FROM martlet.queues q WHERE q.high_water IS NOT NULL AND q.name = ANY (p_queues);
    IF v_limited IS NOT NULL THEN SELECT array_agg(depth ORDER BY name) INTO v_depths FROM martlet.lock_depths(v_limited, v_now); END IF;
    -- A lane must not come into being for a job that is there already.
    SELECT array_agg(l.id ORDER BY u.ord), bool_or(l.id IS NULL) INTO v_lanes, v_new
    FROM unnest(p_queues, p_kinds, p_tenants) WITH ORDINALITY u(queue, kind, tenant, ord) LEFT JOIN martlet.lanes l USING (queue, kind, tenant);
    IF v_new AND EXISTS (SELECT FROM unnest(p_ids) u(id) CROSS JOIN LATERAL (SELECT FROM martlet.jobs j WHERE j.id = u.id LIMIT 1) j) THEN
        v_lanes := NULL;
    ELSIF v_limited IS NULL OR NOT EXISTS (
        SELECT FROM unnest(v_limited, v_depths) u(name, depth) JOIN martlet.queues q USING (name)
        WHERE q.refused_from < 4 OR u.depth + cardinality(p_ids) >= q.high_water
            - greatest(1, (q.high_water - coalesce(q.low_water, q.high_water * 3 / 5)) / 4)
    ) THEN
        IF v_new THEN
            FOR i IN 1..cardinality(p_queues) LOOP v_lanes[i] := martlet.lane(p_queues[i], p_kinds[i], p_tenants[i]); END LOOP;
        END IF;
        WITH made AS (
            INSERT INTO martlet.live (id, due, created, alarm, timeout, queue_timeout, lane, max_attempts, priority, class, labels, payload)
            SELECT u.id, coalesce(u.due, martlet.later(v_now, u.delay)), v_now,
                CASE WHEN u.queue_timeout IS NOT NULL THEN martlet.later(coalesce(u.due, martlet.later(v_now, u.delay)), u.queue_timeout) END,
                u.timeout, u.queue_timeout, v_lanes[u.lane], u.max_attempts, u.priority, u.priority, u.labels, u.payload
            FROM unnest(p_lane, p_ids, p_priorities, p_payloads, p_dues, p_delays, p_timeouts, p_queue_timeouts, p_max_attempts, p_labels)
                u(lane, id, priority, payload, due, delay, timeout, queue_timeout, max_attempts, labels)
            ON CONFLICT (id) DO NOTHING RETURNING id, lane, class, due
        )
        SELECT array_agg(id), array_agg(lane), array_agg(class), array_agg(due) INTO v_made, v_made_lanes, v_made_classes, v_made_dues FROM made;
        -- A statement of its own sees what has finished meanwhile.
        SELECT array_agg(m.id) INTO v_gone
        FROM unnest(v_made) m(id) CROSS JOIN LATERAL (SELECT FROM martlet.finished f WHERE f.id = m.id LIMIT 1) f;
        IF v_gone IS NOT NULL THEN
            DELETE FROM martlet.live WHERE id = ANY (v_gone);
            SELECT array_agg(id), array_agg(lane), array_agg(class), array_agg(due) INTO v_made, v_made_lanes, v_made_classes, v_made_dues
            FROM unnest(v_made, v_made_lanes, v_made_classes, v_made_dues) m(id, lane, class, due) WHERE id <> ALL (v_gone);
        END IF;
        INSERT INTO martlet.deltas (queue, lane, class, due, ready)
        SELECT p_queues[array_position(v_lanes, m.lane)], m.lane, m.class, min(m.due), count(*)
        FROM unnest(v_made_lanes, v_made_classes, v_made_dues) m(lane, class, due) GROUP BY m.lane, m.class;
    END IF;
    IF cardinality(v_made) IS DISTINCT FROM cardinality(p_ids) THEN
        FOR i IN 1..cardinality(p_ids) LOOP
            CONTINUE WHEN p_ids[i] = ANY (v_made);
            d := (p_ids[i], p_kinds[p_lane[i]], p_queues[p_lane[i]], p_tenants[p_lane[i]], p_priorities[i], p_payloads[i], p_dues[i], p_delays[i],
                NULL, NULL, NULL, NULL, p_timeouts[i], p_queue_timeouts[i], p_max_attempts[i], p_labels[i], NULL, NULL, NULL);
            v_at := array_position(v_limited, d.queue);
            a := martlet.accept(d, v_now, v_depths[v_at], false);
            IF a.status = 'a' THEN
                IF v_at IS NOT NULL THEN v_depths[v_at] := v_depths[v_at] + 1; END IF;
            ELSE
                IF a.status = 'q' THEN a.word := v_depths[v_at]::text; END IF;
                a.ord := i - 1;
                RETURN NEXT a;
            END IF;
        END LOOP;
    END IF;
    a := NULL;
    a.now := v_now;
    RETURN NEXT a;
END $$
