-- One row of a claim's answer: 'j' a job with its steps, 'h' up to where a lane has been emptied, 'm' how the claim went.
CREATE TYPE martlet.handout AS (
    sort "char", at timestamptz, generation bigint, span bigint, mark_lane int, mark_class smallint, steps text,
    id uuid, kind text, queue text, tenant text, priority smallint, payload text, key text, labels jsonb, timeout bigint, queue_timeout bigint,
    max_attempts int, parent uuid, parent_group text, trigger text, phase smallint, outcome smallint, attempt int, epoch bigint,
    settled bigint, deaths int, node text, cancel boolean, due timestamptz, created timestamptz, started timestamptz, finished timestamptz,
    wait_kind smallint, wait_name text, wait_type text, wait_after bigint, wait_step text, wait_deadline bigint, progress double precision,
    progress_message text, result text, error_kind text, error_message text, has_steps boolean)
----
-- How many cells of a rate are free (see CellRate); null where there is no rate.
CREATE FUNCTION martlet.cells(p_count bigint, p_per bigint, p_burst bigint, p_arrival bigint, p_now timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_count IS NULL THEN NULL ELSE greatest(0, least(p_burst,
        (martlet.nanoseconds(p_now) + p_burst * greatest(1, (p_per * 1000 + p_count - 1) / p_count)
            - greatest(p_arrival, martlet.nanoseconds(p_now))) / greatest(1, (p_per * 1000 + p_count - 1) / p_count))) END
$$
----
-- Nanoseconds until `p_cells` cells are free; 0 or less where they are.
CREATE FUNCTION martlet.cells_missing(
    p_cells bigint, p_count bigint, p_per bigint, p_burst bigint, p_arrival bigint, p_now timestamptz
) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT greatest(1, (p_per * 1000 + p_count - 1) / p_count) * least(p_cells, p_burst)
        - (martlet.nanoseconds(p_now) + p_burst * greatest(1, (p_per * 1000 + p_count - 1) / p_count)
            - greatest(p_arrival, martlet.nanoseconds(p_now)))
$$
----
CREATE FUNCTION martlet.steps_of(p_job uuid) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT json_agg(json_build_array(name, state, (extract(epoch FROM at) * 1000000)::bigint, result) ORDER BY seq)::text
    FROM martlet.steps WHERE job = p_job
$$
----
-- Starts jobs that the caller has locked, in this order.
CREATE FUNCTION martlet.start(
    p_rows tid[], p_node text, p_expires timestamptz, p_served int, p_now timestamptz
) RETURNS SETOF martlet.handout
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    WITH started AS (
        UPDATE martlet.live j SET phase = 1, epoch = j.epoch + 1, attempt = j.attempt + 1, node = p_node, started = p_now, cancel = false,
            expires = p_expires, alarm = p_expires
        FROM unnest(p_rows) WITH ORDINALITY u(place, ord) WHERE j.ctid = u.place
        RETURNING u.ord, j.*
    ), counted AS (
        INSERT INTO martlet.deltas (lane, ready, running, served) SELECT lane, -count(*), count(*), count(*) * p_served FROM started GROUP BY lane
    )
    SELECT 'j'::"char", NULL::timestamptz, NULL::bigint, NULL::bigint, NULL::int, NULL::smallint,
        CASE WHEN j.has_steps THEN martlet.steps_of(j.id) END,
        j.id, l.kind, l.queue, l.tenant, j.priority, j.payload, j.key, j.labels, j.timeout, j.queue_timeout, j.max_attempts, j.parent,
        j.parent_group, j.trigger, j.phase, j.outcome, j.attempt, j.epoch, j.settled, j.deaths, j.node, j.cancel, j.due, j.created,
        j.started, j.finished, j.wait_kind, j.wait_name, j.wait_type, j.wait_after, j.wait_step, j.wait_deadline, j.progress,
        j.progress_message, j.result, j.error_kind, j.error_message, j.has_steps
    FROM started j JOIN martlet.lanes l ON l.id = j.lane ORDER BY j.ord;
END $$
----
-- Where the due jobs of one tenant in some lanes are, in the order they start in, locked; those that somebody else has locked are passed over.
CREATE FUNCTION martlet.first_due(p_lanes int[], p_classes smallint[], p_marks timestamptz[], p_count bigint, p_now timestamptz) RETURNS tid[]
LANGUAGE plpgsql AS $$
DECLARE v_rows tid[];
BEGIN
    IF cardinality(p_lanes) = 1 THEN
        SELECT array_agg(place) INTO v_rows FROM (
            SELECT ctid AS place FROM martlet.live
            WHERE phase = 0 AND lane = p_lanes[1] AND class = p_classes[1] AND due <= p_now AND due >= p_marks[1]
            ORDER BY due, id LIMIT p_count FOR UPDATE SKIP LOCKED) j;
    ELSE
        SELECT array_agg(place ORDER BY rank, id) INTO v_rows FROM (
            SELECT j.place, j.id, j.due + (h.class & 3) * interval '60 seconds' AS rank
            FROM unnest(p_lanes, p_classes, p_marks) h(lane, class, mark) CROSS JOIN LATERAL (
                SELECT ctid AS place, id, due FROM martlet.live
                WHERE phase = 0 AND lane = h.lane AND class = h.class AND due <= p_now AND due >= h.mark
                ORDER BY due, id LIMIT p_count FOR UPDATE SKIP LOCKED) j
            ORDER BY rank, j.id LIMIT p_count) ranked;
    END IF;
    RETURN v_rows;
END $$
----
-- What each tenant of a queue takes, in the order of their turns (see FairShare): a job's place in its tenant's line is its start tag.
-- Only under the queue's lock, folded. `ids` holds null where a tenant's turn is known, and its job is not (a suspect may be in the way).
CREATE FUNCTION martlet.allot(
    p_queue text, p_tenants text[], p_lanes int[], p_classes smallint[], p_marks timestamptz[], p_count bigint, p_now timestamptz,
    OUT ids uuid[], OUT tenants text[]
)
LANGUAGE plpgsql AS $$
DECLARE
    v_virtual bigint;
    v_limit bigint;
    v_starts bigint[];
BEGIN
    SELECT virtual, per_tenant INTO v_virtual, v_limit FROM martlet.queues WHERE name = p_queue;
    WITH due AS (
        SELECT h.tenant, j.id, row_number() OVER (PARTITION BY h.tenant ORDER BY j.due + (h.class & 3) * interval '60 seconds', j.id) - 1 AS place
        FROM unnest(p_tenants, p_lanes, p_classes, p_marks) h(tenant, lane, class, mark) CROSS JOIN LATERAL (
            SELECT id, due FROM martlet.live
            WHERE phase = 0 AND lane = h.lane AND class = h.class AND due <= p_now AND due >= h.mark ORDER BY due, id LIMIT p_count) j
    ), busy AS (
        SELECT l.tenant, sum(t.running) AS running FROM martlet.lanes l JOIN martlet.tallies t ON t.lane = l.id
        WHERE v_limit IS NOT NULL AND l.queue = p_queue GROUP BY l.tenant
    ), slots AS (
        SELECT due.tenant, due.id, greatest(coalesce(s.turn, 0), v_virtual) + place AS start,
            CASE place WHEN 0 THEN coalesce(s.turn, 0) ELSE greatest(coalesce(s.turn, 0), v_virtual) + place END AS turn
        FROM due LEFT JOIN martlet.shares s ON s.queue = p_queue AND s.tenant = due.tenant LEFT JOIN busy ON busy.tenant = due.tenant
        WHERE place < p_count AND (v_limit IS NULL OR place < v_limit - coalesce(busy.running, 0))
        ORDER BY start, turn, due.tenant LIMIT p_count
    )
    SELECT array_agg(slots.id ORDER BY start, turn, tenant), array_agg(slots.tenant ORDER BY start, turn, tenant),
        array_agg(start ORDER BY start, turn, tenant)
    INTO ids, tenants, v_starts FROM slots;
    IF ids IS NULL THEN RETURN; END IF;
    INSERT INTO martlet.shares (queue, tenant, turn)
    SELECT p_queue, tenant, max(start) + 1 FROM unnest(tenants, v_starts) u(tenant, start) GROUP BY tenant ORDER BY tenant
    ON CONFLICT (queue, tenant) DO UPDATE SET turn = excluded.turn;
    UPDATE martlet.queues SET virtual = greatest(virtual, v_starts[cardinality(v_starts)]) WHERE name = p_queue;
END $$
----
-- Hands out jobs of one queue under its lock: by shares, limits and rate.
CREATE FUNCTION martlet.serve(
    p_queue text, p_tenants text[], p_lanes int[], p_classes smallint[], p_marks timestamptz[], p_count bigint, p_node text,
    p_expires timestamptz, p_suspects boolean, p_now timestamptz
) RETURNS SETOF martlet.handout
LANGUAGE plpgsql AS $$
DECLARE
    v_ids uuid[];
    v_tenants text[];
    v_taken int := 0;
    v_suspects boolean := p_suspects;
    v_free boolean;
    v_rows tid[];
BEGIN
    PERFORM martlet.fold(p_queue);
    SELECT ids, tenants INTO v_ids, v_tenants
    FROM martlet.allot(p_queue, p_tenants, p_lanes, p_classes, p_marks, p_count, p_now);
    IF v_ids IS NULL THEN RETURN; END IF;
    IF NOT v_suspects THEN
        SELECT array_agg(place ORDER BY ord) INTO v_rows FROM (
            SELECT j.place, u.ord FROM unnest(v_ids) WITH ORDINALITY u(id, ord) CROSS JOIN LATERAL (
                SELECT ctid AS place FROM martlet.live WHERE id = u.id AND phase + 0 = 0 FOR UPDATE SKIP LOCKED) j) locked;
        IF v_rows IS NOT NULL THEN
            RETURN QUERY SELECT * FROM martlet.start(v_rows, p_node, p_expires, 0, p_now);
            GET DIAGNOSTICS v_taken = ROW_COUNT;
        END IF;
    ELSE
        -- A node runs one suspect at a time: what a turn takes depends on the turns before it.
        FOR i IN 1..cardinality(v_tenants) LOOP
            v_free := NOT EXISTS (SELECT FROM martlet.live WHERE phase = 1 AND deaths >= 2 AND node = p_node);
            SELECT martlet.first_due(array_agg(lane), array_agg(class), array_agg(mark), 1, p_now) INTO v_rows
            FROM unnest(p_tenants, p_lanes, p_classes, p_marks) h(tenant, lane, class, mark)
            WHERE tenant = v_tenants[i] AND (class < 4 OR v_free);
            CONTINUE WHEN v_rows IS NULL;
            RETURN QUERY SELECT * FROM martlet.start(v_rows, p_node, p_expires, 0, p_now);
            v_taken := v_taken + 1;
        END LOOP;
    END IF;
    UPDATE martlet.queues
    SET arrival = greatest(arrival, martlet.nanoseconds(p_now)) + greatest(1, (rate_per * 1000 + rate_count - 1) / rate_count) * v_taken
    WHERE name = p_queue AND rate_count IS NOT NULL AND v_taken > 0;
END $$
----
-- How long until something that this claim could take, or a sweep, may be due; null where nothing is in sight.
CREATE FUNCTION martlet.next_due(p_queues text[], p_lanes int[], p_classes smallint[], p_now timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_at timestamptz;
    v_rate bigint;
BEGIN
    SELECT least(
        (SELECT min(j.due) FROM unnest(p_lanes, p_classes) h(lane, class) CROSS JOIN LATERAL (
            SELECT due FROM martlet.live WHERE phase = 0 AND lane = h.lane AND class = h.class AND due > p_now ORDER BY due LIMIT 1) j),
        (SELECT min(b.expires) FROM martlet.nodes n CROSS JOIN LATERAL (
            SELECT expires FROM martlet.beats WHERE node = n.name ORDER BY seq DESC LIMIT 1) b),
        (SELECT alarm FROM martlet.live WHERE alarm IS NOT NULL ORDER BY alarm LIMIT 1)) INTO v_at;
    SELECT min(missing) INTO v_rate FROM (
        SELECT martlet.cells_missing(1, rate_count, rate_per, rate_burst, arrival, p_now) AS missing FROM martlet.queues
        WHERE name = ANY (p_queues) AND rate_count IS NOT NULL) r WHERE missing > 0;
    -- Not greatest(0, null), which is 0.
    RETURN least((v_rate + 999) / 1000, CASE WHEN v_at IS NOT NULL THEN greatest(0, (extract(epoch FROM v_at - p_now) * 1000000)::bigint) END);
END $$
----
-- Sweeps, then hands out due jobs. `p_mark_…`: up to which due time the caller has seen lanes emptied; what is older is only dead entries of
-- the index, which an open transaction elsewhere may keep there for hours.
CREATE FUNCTION martlet.claim(
    p_node text, p_kinds text[], p_queues text[], p_demands bigint[], p_limit bigint, p_ttl bigint, p_shares boolean,
    p_mark_lanes bigint[], p_mark_classes bigint[], p_mark_dues timestamptz[], p_now timestamptz, p_floor timestamptz
) RETURNS SETOF martlet.handout
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := martlet.clock(p_now, p_floor);
    v_expires timestamptz := CASE WHEN NOT p_shares THEN martlet.later(v_now, p_ttl) END;
    h_queues text[];
    h_tenants text[];
    h_lanes int[];
    h_classes smallint[];
    h_dues timestamptz[];
    h_marks timestamptz[];
    c_queues text[];
    c_rooms bigint[];
    c_careful boolean[];
    c_spent boolean[];
    d_tenants text[];
    d_lanes int[];
    d_classes smallint[];
    d_marks timestamptz[];
    v_free boolean := true;
    v_suspects boolean;
    v_rows tid[];
    v_taken bigint := 0;
    v_take bigint;
    v_count bigint;
    v_row martlet.handout;
BEGIN
    PERFORM martlet.sweep('{}', v_now);
    SELECT array_agg(queue), array_agg(tenant), array_agg(lane), array_agg(class), array_agg(due), array_agg(mark)
    INTO h_queues, h_tenants, h_lanes, h_classes, h_dues, h_marks
    FROM (
        SELECT l.queue, l.tenant, l.id AS lane, c.class::smallint AS class, f.due, coalesce(m.due, '-infinity') AS mark
        FROM martlet.lanes l JOIN martlet.queues q ON q.name = l.queue
        CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7)) c(class)
        LEFT JOIN unnest(p_mark_lanes, p_mark_classes, p_mark_dues) m(lane, class, due) ON m.lane = l.id AND m.class = c.class
        LEFT JOIN LATERAL (
            SELECT due FROM martlet.live
            WHERE phase = 0 AND lane = l.id AND class = c.class AND due >= coalesce(m.due, '-infinity') ORDER BY due, id LIMIT 1) f ON true
        WHERE NOT q.paused AND (p_queues IS NULL OR l.queue = ANY (p_queues)) AND (p_kinds IS NULL OR l.kind = ANY (p_kinds))
            AND (f.due IS NOT NULL OR m.due IS NOT NULL)
        ORDER BY l.queue, l.tenant
    ) h;
    IF v_now >= ANY (h_dues) AND p_limit > 0 THEN
        IF EXISTS (SELECT FROM unnest(h_classes, h_dues) h(class, due) WHERE class >= 4 AND due <= v_now) THEN
            v_free := NOT EXISTS (SELECT FROM martlet.live WHERE phase = 1 AND deaths >= 2 AND node = p_node);
        END IF;
        -- The queues that can hand something out, whoever has waited longest first.
        SELECT array_agg(h.queue ORDER BY h.due, h.queue), array_agg(h.careful ORDER BY h.due, h.queue),
            array_agg(coalesce(p_demands[array_position(p_queues, h.queue)], p_limit) ORDER BY h.due, h.queue)
        INTO c_queues, c_careful, c_rooms
        FROM (
            SELECT h.queue, min(h.due) AS due, min(h.tenant) <> max(h.tenant) OR bool_or(h.class >= 4 AND v_free)
                OR bool_or(q.concurrency IS NOT NULL OR q.per_tenant IS NOT NULL OR q.rate_count IS NOT NULL) AS careful
            FROM unnest(h_queues, h_tenants, h_classes, h_dues) h(queue, tenant, class, due) JOIN martlet.queues q ON q.name = h.queue
            WHERE h.due <= v_now GROUP BY h.queue) h;
        IF true = ANY (c_careful) THEN
            PERFORM FROM martlet.queues q JOIN unnest(c_queues, c_careful) c(name, careful) USING (name)
            WHERE c.careful ORDER BY q.name FOR NO KEY UPDATE OF q;
            PERFORM martlet.fold(c.name) FROM unnest(c_queues, c_careful) c(name, careful) WHERE c.careful;
            SELECT array_agg(CASE WHEN c.careful THEN least(c.room, martlet.cells(rate_count, rate_per, rate_burst, arrival, v_now),
                    q.concurrency - (SELECT coalesce(sum(t.running), 0) FROM martlet.lanes l JOIN martlet.tallies t ON t.lane = l.id
                        WHERE l.queue = c.name)) ELSE c.room END ORDER BY c.ord)
            INTO c_rooms
            FROM unnest(c_queues, c_careful, c_rooms) WITH ORDINALITY c(name, careful, room, ord) JOIN martlet.queues q USING (name);
        END IF;
        SELECT array_agg(queue ORDER BY ord), array_agg(careful ORDER BY ord), array_agg(room ORDER BY ord) INTO c_queues, c_careful, c_rooms
        FROM unnest(c_queues, c_careful, c_rooms) WITH ORDINALITY c(queue, careful, room, ord) WHERE room > 0;
        FOR v_round IN 1..2 LOOP
            EXIT WHEN c_queues IS NULL OR v_taken >= p_limit;
            FOR i IN 1..cardinality(c_queues) LOOP
                v_take := least(c_rooms[i], p_limit - v_taken,
                    CASE v_round WHEN 1 THEN greatest(1, p_limit / cardinality(c_queues)) ELSE p_limit END);
                CONTINUE WHEN v_take <= 0 OR c_spent[i];
                SELECT array_agg(tenant), array_agg(lane), array_agg(class), array_agg(mark), bool_or(class >= 4)
                INTO d_tenants, d_lanes, d_classes, d_marks, v_suspects
                FROM unnest(h_queues, h_tenants, h_lanes, h_classes, h_dues, h_marks) h(queue, tenant, lane, class, due, mark)
                WHERE queue = c_queues[i] AND due <= v_now AND (class < 4 OR v_free);
                v_count := 0;
                IF c_careful[i] THEN
                    RETURN QUERY SELECT * FROM martlet.serve(c_queues[i], d_tenants, d_lanes, d_classes, d_marks, v_take, p_node, v_expires,
                        v_suspects, v_now);
                    GET DIAGNOSTICS v_count = ROW_COUNT;
                    IF v_suspects THEN v_free := NOT EXISTS (SELECT FROM martlet.live WHERE phase = 1 AND deaths >= 2 AND node = p_node); END IF;
                ELSE
                    v_rows := martlet.first_due(d_lanes, d_classes, d_marks, v_take, v_now);
                    IF v_rows IS NOT NULL THEN
                        RETURN QUERY SELECT * FROM martlet.start(v_rows, p_node, v_expires, 1, v_now);
                        GET DIAGNOSTICS v_count = ROW_COUNT;
                    END IF;
                    c_spent[i] := v_count < v_take;
                END IF;
                c_rooms[i] := c_rooms[i] - v_count;
                v_taken := v_taken + v_count;
            END LOOP;
        END LOOP;
    END IF;
    v_row.sort := 'h';
    FOR v_row.mark_lane, v_row.mark_class, v_row.at IN
        SELECT lane, class, least(due, v_now) - interval '250 milliseconds' FROM unnest(h_lanes, h_classes, h_dues, h_marks) h(lane, class, due, mark)
        WHERE least(due, v_now) - interval '450 milliseconds' > mark
    LOOP
        RETURN NEXT v_row;
    END LOOP;
    v_row.sort := 'm';
    v_row.at := v_now;
    v_row.generation := 0;
    IF p_shares THEN
        IF v_taken > 0 THEN
            v_row.generation := martlet.extend_node(p_node, martlet.later(v_now, p_ttl));
        ELSE
            SELECT coalesce(max(generation), 0) INTO v_row.generation FROM martlet.nodes WHERE name = p_node;
        END IF;
    END IF;
    IF v_taken < p_limit OR p_limit <= 0 THEN v_row.span := martlet.next_due(h_queues, h_lanes, h_classes, v_now); END IF;
    RETURN NEXT v_row;
END $$
