-- One row of a claim's answer: 'j' a job with its steps, 'h' up to where a lane has been emptied, 'a' the same of alarms, 'e' from where on
-- single leases end, 'm' how the claim went.
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
        INSERT INTO martlet.deltas (queue, lane, ready, running, served) SELECT l.queue, c.lane, -c.jobs, c.jobs, c.jobs * p_served
        FROM (SELECT lane, count(*) AS jobs FROM started GROUP BY lane) c JOIN martlet.lanes l ON l.id = c.lane
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
-- The first jobs of those tenants whose turn comes first, each with its place in its tenant's line: at most `p_count` tenants with `p_depth`
-- jobs each, since nobody behind them can be served before each of them has been. Only under the queue's lock, folded.
CREATE FUNCTION martlet.draw(
    p_queue text, p_kinds text[], p_count bigint, p_depth bigint, p_free boolean, p_now timestamptz,
    OUT tenants text[], OUT turns bigint[], OUT places bigint[], OUT rooms bigint[], OUT ids uuid[], OUT suspects boolean, OUT idle int[]
)
LANGUAGE plpgsql AS $$
DECLARE
    v_limit bigint;
    v_turn bigint;
    v_tenant text := '';
    v_found bigint := 0;
    n_tenants text[];
    n_turns bigint[];
    n_rooms bigint[];
    n record;
BEGIN
    suspects := false;
    SELECT per_tenant, floor - 1 INTO v_limit, v_turn FROM martlet.queues WHERE name = p_queue;
    LOOP
        SELECT array_agg(h.tenant ORDER BY h.turn, h.tenant), array_agg(h.turn ORDER BY h.turn, h.tenant) INTO n_tenants, n_turns FROM (
            SELECT h.turn, h.tenant FROM unnest(p_kinds) k(kind) CROSS JOIN LATERAL (
                SELECT turn, tenant FROM martlet.heads
                WHERE queue = p_queue AND kind = k.kind AND awake AND (turn, tenant) > (v_turn, v_tenant) ORDER BY turn, tenant LIMIT p_count) h
            GROUP BY h.turn, h.tenant ORDER BY h.turn, h.tenant LIMIT p_count) h;
        EXIT WHEN n_tenants IS NULL;
        v_turn := n_turns[cardinality(n_turns)];
        v_tenant := n_tenants[cardinality(n_tenants)];
        IF v_limit IS NOT NULL THEN
            SELECT array_agg(v_limit - r.running ORDER BY u.ord) INTO n_rooms
            FROM unnest(n_tenants) WITH ORDINALITY u(tenant, ord) CROSS JOIN LATERAL (
                SELECT coalesce(sum(t.running), 0) AS running FROM martlet.lanes l JOIN martlet.tallies t ON t.lane = l.id
                WHERE l.queue = p_queue AND l.tenant = u.tenant) r;
        END IF;
        WITH lane AS MATERIALIZED (
            SELECT u.tenant, u.turn, u.room, l.id AS lane, h.marks FROM unnest(n_tenants, n_turns, n_rooms) u(tenant, turn, room)
            JOIN martlet.lanes l ON l.queue = p_queue AND l.tenant = u.tenant JOIN martlet.heads h ON h.lane = l.id
            WHERE h.awake AND l.kind = ANY (p_kinds) AND (u.room IS NULL OR u.room > 0)
        ), due AS MATERIALIZED (
            SELECT w.lane, w.tenant, w.turn, w.room, j.id, m.ord > 4 AS suspect,
                row_number() OVER (PARTITION BY w.tenant ORDER BY j.due + ((m.ord - 1)::int & 3) * interval '60 seconds', j.id) - 1 AS place
            FROM lane w CROSS JOIN LATERAL unnest(w.marks) WITH ORDINALITY m(mark, ord) CROSS JOIN LATERAL (
                SELECT id, due FROM martlet.live
                WHERE phase = 0 AND lane = w.lane AND class = (m.ord - 1)::smallint AND due <= p_now AND due >= m.mark
                ORDER BY due, id LIMIT p_depth) j
            WHERE m.mark <= p_now AND (m.ord <= 4 OR p_free)
        )
        SELECT array_agg(tenant) FILTER (WHERE fits) AS tenants, array_agg(turn) FILTER (WHERE fits) AS turns,
            array_agg(place) FILTER (WHERE fits) AS places, array_agg(room) FILTER (WHERE fits) AS rooms, array_agg(id) FILTER (WHERE fits) AS ids,
            count(DISTINCT tenant) AS found, coalesce(bool_or(suspect), false) AS suspects,
            -- Not by a join: that would hold each of them against all the others.
            (SELECT array_agg(lane) FROM (SELECT lane FROM lane EXCEPT SELECT lane FROM due) without) AS idle
        INTO n FROM (SELECT *, place < p_depth AND (room IS NULL OR place < room) AS fits FROM due) d;
        tenants := tenants || n.tenants;
        turns := turns || n.turns;
        places := places || n.places;
        rooms := rooms || n.rooms;
        ids := ids || n.ids;
        idle := idle || n.idle;
        suspects := suspects OR n.suspects;
        v_found := v_found + n.found;
        EXIT WHEN v_found >= p_count OR cardinality(n_tenants) < p_count;
    END LOOP;
END $$
----
-- What each tenant of a queue takes, in the order of their turns (see FairShare): a job's place in its tenant's line is its start tag.
-- Only under the queue's lock, folded. Moves the turns on.
CREATE FUNCTION martlet.allot(
    p_queue text, p_kinds text[], p_count bigint, p_free boolean, p_now timestamptz,
    OUT tenants text[], OUT ids uuid[], OUT suspects boolean, OUT idle int[]
)
LANGUAGE plpgsql AS $$
DECLARE
    v_virtual bigint;
    v_depth bigint;
    v_starts bigint[];
    v_short boolean;
    d record;
BEGIN
    SELECT virtual INTO v_virtual FROM martlet.queues WHERE name = p_queue;
    -- Where many compete, few jobs of each are looked at first.
    SELECT CASE count(*) WHEN 1 THEN p_count ELSE least(p_count, greatest(2, p_count / greatest(1, count(*)) + 1)) END INTO v_depth
    FROM unnest(p_kinds) k(kind) CROSS JOIN LATERAL (
        SELECT FROM martlet.heads WHERE queue = p_queue AND kind = k.kind AND awake AND turn >= (SELECT floor FROM martlet.queues WHERE name = p_queue)
        ORDER BY turn, tenant LIMIT p_count) h;
    LOOP
        SELECT * INTO d FROM martlet.draw(p_queue, p_kinds, p_count, v_depth, p_free, p_now);
        suspects := d.suspects;
        idle := d.idle;
        IF d.tenants IS NULL THEN RETURN; END IF;
        WITH slots AS (
            SELECT tenant, id, greatest(turn, v_virtual) + place AS start, place, room,
                CASE place WHEN 0 THEN turn ELSE greatest(turn, v_virtual) + place END AS turn
            FROM unnest(d.tenants, d.turns, d.places, d.rooms, d.ids) u(tenant, turn, place, room, id)
            ORDER BY start, turn, tenant LIMIT p_count
        )
        SELECT array_agg(s.id ORDER BY s.start, s.turn, s.tenant), array_agg(s.tenant ORDER BY s.start, s.turn, s.tenant),
            array_agg(s.start ORDER BY s.start, s.turn, s.tenant), bool_or(s.place = v_depth - 1 AND (s.room IS NULL OR s.room > v_depth))
        INTO ids, tenants, v_starts, v_short FROM slots s;
        EXIT WHEN NOT v_short OR v_depth >= p_count;
        -- Somebody's known jobs are used up, and there may be more: they are dealt anew.
        v_depth := least(p_count, v_depth * 4);
    END LOOP;
    INSERT INTO martlet.shares (queue, tenant, turn)
    SELECT p_queue, u.tenant, max(u.start) + 1 FROM unnest(tenants, v_starts) u(tenant, start) GROUP BY u.tenant ORDER BY u.tenant
    ON CONFLICT (queue, tenant) DO UPDATE SET turn = excluded.turn;
    UPDATE martlet.queues SET virtual = v_starts[cardinality(v_starts)] WHERE name = p_queue AND virtual < v_starts[cardinality(v_starts)];
END $$
----
-- Hands out jobs of one queue under its lock: by shares, limits and rate.
CREATE FUNCTION martlet.serve(
    p_queue text, p_kinds text[], p_count bigint, p_node text, p_expires timestamptz, p_free boolean, p_now timestamptz
) RETURNS SETOF martlet.handout
LANGUAGE plpgsql AS $$
DECLARE
    a record;
    v_taken int := 0;
    v_free boolean;
    v_rows tid[];
    v_lanes int[];
BEGIN
    SELECT * INTO a FROM martlet.allot(p_queue, p_kinds, p_count, p_free, p_now);
    IF a.ids IS NOT NULL AND NOT a.suspects THEN
        SELECT array_agg(place ORDER BY ord) INTO v_rows FROM (
            SELECT j.place, u.ord FROM unnest(a.ids) WITH ORDINALITY u(id, ord) CROSS JOIN LATERAL (
                SELECT ctid AS place FROM martlet.live WHERE id = u.id AND phase + 0 = 0 FOR UPDATE SKIP LOCKED) j) locked;
        IF v_rows IS NOT NULL THEN
            RETURN QUERY SELECT * FROM martlet.start(v_rows, p_node, p_expires, 0, p_now);
            GET DIAGNOSTICS v_taken = ROW_COUNT;
        END IF;
    ELSIF a.ids IS NOT NULL THEN
        -- A node runs one suspect at a time: what a turn takes depends on the turns before it.
        FOR i IN 1..cardinality(a.tenants) LOOP
            v_free := NOT EXISTS (SELECT FROM martlet.live WHERE phase = 1 AND deaths >= 2 AND node = p_node);
            SELECT martlet.first_due(array_agg(h.lane), array_agg((m.ord - 1)::smallint), array_agg(m.mark), 1, p_now) INTO v_rows
            FROM martlet.lanes l JOIN martlet.heads h ON h.lane = l.id CROSS JOIN LATERAL unnest(h.marks) WITH ORDINALITY m(mark, ord)
            WHERE l.queue = p_queue AND l.tenant = a.tenants[i] AND l.kind = ANY (p_kinds) AND m.mark <= p_now AND (m.ord <= 4 OR v_free);
            CONTINUE WHEN v_rows IS NULL;
            RETURN QUERY SELECT * FROM martlet.start(v_rows, p_node, p_expires, 0, p_now);
            v_taken := v_taken + 1;
        END LOOP;
    END IF;
    SELECT array_agg(l.id) INTO v_lanes FROM (SELECT DISTINCT tenant FROM unnest(a.tenants) u(tenant)) u
    JOIN martlet.lanes l ON l.queue = p_queue AND l.tenant = u.tenant WHERE l.kind = ANY (p_kinds);
    PERFORM martlet.refresh(p_queue, v_lanes || a.idle, p_now);
    -- Those that are left: lanes of other kinds.
    IF a.ids IS NOT NULL THEN PERFORM martlet.pass_turns(p_queue, a.tenants); END IF;
    UPDATE martlet.queues
    SET arrival = greatest(arrival, martlet.nanoseconds(p_now)) + greatest(1, (rate_per * 1000 + rate_count - 1) / rate_count) * v_taken
    WHERE name = p_queue AND rate_count IS NOT NULL AND v_taken > 0;
END $$
----
-- The first job due after now of the lanes that queues under their lock have, as far as heads tell it.
CREATE FUNCTION martlet.next_head(p_queues text[], p_kinds text[], p_now timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT min(h.due) FROM martlet.queues q JOIN martlet.kinds k ON k.queue = q.name CROSS JOIN LATERAL (
        (SELECT due FROM martlet.heads WHERE queue = q.name AND kind = k.kind AND NOT awake AND due > greatest(q.woken, p_now) ORDER BY due LIMIT 1)
        UNION ALL
        (SELECT j.due FROM (
            SELECT lane FROM martlet.heads WHERE queue = q.name AND kind = k.kind AND awake AND turn >= q.floor ORDER BY turn, tenant LIMIT 1) first
        CROSS JOIN generate_series(0, 7) c(class) CROSS JOIN LATERAL (
            SELECT due FROM martlet.live WHERE phase = 0 AND lane = first.lane AND class = c.class::smallint AND due > p_now
            ORDER BY due LIMIT 1) j)) h
    WHERE q.name = ANY (p_queues) AND (p_kinds IS NULL OR k.kind = ANY (p_kinds)));
END $$
----
-- When a sweep has something to do again, as far as nodes and alarms tell it; null where nothing is in sight. A node's word that runs out
-- means nothing while nothing runs anywhere. What is due already is being swept by somebody else: a moment is given to it.
CREATE FUNCTION martlet.next_sweep(p_alarm timestamptz, p_expiry timestamptz, p_now timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE v_at timestamptz;
BEGIN
    v_at := least(p_alarm, p_expiry, (SELECT alarm FROM martlet.live WHERE phase <> 1 AND alarm > p_now ORDER BY alarm LIMIT 1));
    IF EXISTS (SELECT FROM martlet.queues q WHERE q.running > 0
        OR EXISTS (SELECT FROM martlet.deltas d WHERE d.queue = q.name AND d.running > 0))
    THEN
        v_at := least(v_at, (SELECT min(b.expires) FROM martlet.nodes n CROSS JOIN LATERAL (
            SELECT expires FROM martlet.beats WHERE node = n.name ORDER BY seq DESC LIMIT 1) b));
    END IF;
    RETURN CASE WHEN v_at IS NOT NULL THEN greatest(v_at, p_now + interval '10 milliseconds') END;
END $$
----
-- How long until something that this claim could take, or a sweep, may be due; null where nothing is in sight. `p_alarm`: the first alarm that
-- is due and has not been heeded. `p_expiries`: from where on single leases end; `expiry`: where the first of them does.
CREATE FUNCTION martlet.next_due(
    p_queues text[], p_kinds text[], p_lanes int[], p_classes smallint[], p_alarm timestamptz, p_expiries timestamptz, p_now timestamptz,
    OUT span bigint, OUT expiry timestamptz
)
LANGUAGE plpgsql AS $$
DECLARE
    v_at timestamptz;
    v_rate bigint;
BEGIN
    SELECT alarm INTO expiry FROM martlet.live WHERE phase = 1 AND alarm > greatest(p_now, p_expiries) ORDER BY alarm LIMIT 1;
    SELECT least(
        (SELECT min(j.due) FROM unnest(p_lanes, p_classes) h(lane, class) CROSS JOIN LATERAL (
            SELECT due FROM martlet.live WHERE phase = 0 AND lane = h.lane AND class = h.class AND due > p_now ORDER BY due LIMIT 1) j),
        martlet.next_head(p_queues, p_kinds, p_now),
        martlet.next_sweep(p_alarm, expiry, p_now)) INTO v_at;
    SELECT min(missing) INTO v_rate FROM (
        SELECT martlet.cells_missing(1, rate_count, rate_per, rate_burst, arrival, p_now) AS missing FROM martlet.queues
        WHERE name = ANY (p_queues) AND rate_count IS NOT NULL) r WHERE missing > 0;
    -- Not greatest(0, null), which is 0.
    span := least((v_rate + 999) / 1000, CASE WHEN v_at IS NOT NULL THEN greatest(0, (extract(epoch FROM v_at - p_now) * 1000000)::bigint) END);
END $$
----
-- Where a queue of one tenant, without limits, is claimed from without its lock: its lanes and classes with the first due time of each.
-- `p_mark_…`: see `claim`.
CREATE FUNCTION martlet.probe(
    p_queues text[], p_kinds text[], p_mark_lanes bigint[], p_mark_classes bigint[], p_mark_dues timestamptz[],
    OUT queues text[], OUT lanes int[], OUT classes smallint[], OUT dues timestamptz[], OUT marks timestamptz[]
)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT array_agg(l.queue), array_agg(l.id), array_agg(c.class::smallint), array_agg(f.due), array_agg(coalesce(m.due, '-infinity'))
    INTO queues, lanes, classes, dues, marks
    FROM unnest(p_queues) q(name) JOIN martlet.lanes l ON l.queue = q.name CROSS JOIN generate_series(0, 7) c(class)
    LEFT JOIN unnest(p_mark_lanes, p_mark_classes, p_mark_dues) m(lane, class, due) ON m.lane = l.id AND m.class = c.class
    LEFT JOIN LATERAL (
        SELECT due FROM martlet.live
        WHERE phase = 0 AND lane = l.id AND class = c.class::smallint AND due >= coalesce(m.due, '-infinity') ORDER BY due, id LIMIT 1) f ON true
    WHERE (p_kinds IS NULL OR l.kind = ANY (p_kinds)) AND (f.due IS NOT NULL OR m.due IS NOT NULL);
END $$
----
-- Sweeps, then hands out due jobs. `p_mark_…`: up to which due time the caller has seen lanes emptied; what is older is only dead entries of
-- the index, which an open transaction elsewhere may keep there for hours. `p_alarms`: the same of what a sweep has to see. `p_expiries`: it has
-- seen no single lease that ends before.
--
-- A queue of one tenant and without limits is claimed from by any number of callers at once. Every other one under its lock, from its heads.
CREATE FUNCTION martlet.claim(
    p_node text, p_kinds text[], p_queues text[], p_demands bigint[], p_limit bigint, p_ttl bigint, p_shares boolean,
    p_mark_lanes bigint[], p_mark_classes bigint[], p_mark_dues timestamptz[], p_alarms timestamptz, p_expiries timestamptz,
    p_now timestamptz, p_floor timestamptz
) RETURNS SETOF martlet.handout
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := martlet.clock(p_now, p_floor);
    v_expires timestamptz := CASE WHEN NOT p_shares THEN martlet.later(v_now, p_ttl) END;
    v_alarm timestamptz;
    h record;
    -- The queues that can hand something out, whoever has waited longest first.
    c_queues text[];
    c_rooms bigint[];
    c_careful boolean[];
    c_spent boolean[];
    v_free boolean;
    v_alone boolean;
    v_open text[];
    v_locked text[];
    v_rows tid[];
    v_taken bigint := 0;
    v_take bigint;
    v_count bigint;
    v_expiry timestamptz;
    v_row martlet.handout;
    v_mark martlet.handout;
BEGIN
    v_alarm := martlet.sweep('{}', p_alarms, v_now);
    -- Those without a lock, and those that may have something under it.
    SELECT array_agg(q.name) FILTER (WHERE NOT q.careful),
        array_agg(q.name ORDER BY q.name) FILTER (WHERE q.careful AND martlet.may_be_due(q.name, q.kinds, q.floor, q.woken, v_now))
    INTO v_open, v_locked
    FROM (
        SELECT q.name, q.floor, q.woken, q.concurrency IS NOT NULL OR q.per_tenant IS NOT NULL OR q.rate_count IS NOT NULL
                OR (SELECT tenant FROM martlet.lanes WHERE queue = q.name ORDER BY tenant LIMIT 1)
                    <> (SELECT tenant FROM martlet.lanes WHERE queue = q.name ORDER BY tenant DESC LIMIT 1) AS careful,
            martlet.kinds_of(q.name, p_kinds) AS kinds
        FROM martlet.queues q WHERE NOT q.paused AND (p_queues IS NULL OR q.name = ANY (p_queues)) OFFSET 0) q;
    SELECT * INTO h FROM martlet.probe(v_open, p_kinds, p_mark_lanes, p_mark_classes, p_mark_dues);
    IF p_limit > 0 AND (v_locked IS NOT NULL OR v_now >= ANY (h.dues)) THEN
        v_free := NOT EXISTS (SELECT FROM martlet.live WHERE phase = 1 AND deaths >= 2 AND node = p_node);
        -- Suspects are handed out one at a time.
        IF v_free THEN
            SELECT array_agg(DISTINCT q ORDER BY q) INTO v_locked FROM (
                SELECT unnest(v_locked) UNION ALL
                SELECT queue FROM unnest(h.queues, h.classes, h.dues) u(queue, class, due) WHERE class >= 4 AND due <= v_now) l(q);
        END IF;
        v_alone := cardinality(v_locked) = 1 AND v_now < ALL (h.dues) IS NOT FALSE;
        IF v_locked IS NOT NULL THEN
            PERFORM FROM martlet.queues WHERE name = ANY (v_locked) ORDER BY name FOR NO KEY UPDATE;
            FOR i IN 1..cardinality(v_locked) LOOP
                PERFORM martlet.fold(v_locked[i], v_now);
                PERFORM martlet.wake(v_locked[i], martlet.kinds_of(v_locked[i], NULL), v_now);
            END LOOP;
        END IF;
        SELECT array_agg(c.queue ORDER BY c.due, c.queue), array_agg(c.careful ORDER BY c.due, c.queue), array_agg(c.room ORDER BY c.due, c.queue)
        INTO c_queues, c_careful, c_rooms
        FROM (
            -- Whoever is alone needs no look at who has waited longest.
            SELECT q.name AS queue, true AS careful, CASE WHEN v_alone THEN v_now
                    ELSE martlet.earliest(q.name, martlet.kinds_of(q.name, p_kinds), v_now) END AS due,
                least(coalesce(p_demands[array_position(p_queues, q.name)], p_limit),
                    martlet.cells(q.rate_count, q.rate_per, q.rate_burst, q.arrival, v_now), q.concurrency - q.running) AS room
            FROM martlet.queues q WHERE q.name = ANY (v_locked) AND NOT q.paused
            UNION ALL
            SELECT u.queue, false, min(u.due), coalesce(p_demands[array_position(p_queues, u.queue)], p_limit)
            FROM unnest(h.queues, h.dues) u(queue, due) WHERE u.due <= v_now AND (v_locked IS NULL OR u.queue <> ALL (v_locked)) GROUP BY u.queue
        ) c WHERE c.due IS NOT NULL AND c.room > 0;
        FOR v_round IN 1..2 LOOP
            EXIT WHEN c_queues IS NULL OR v_taken >= p_limit;
            FOR i IN 1..cardinality(c_queues) LOOP
                v_take := least(c_rooms[i], p_limit - v_taken,
                    CASE v_round WHEN 1 THEN greatest(1, p_limit / cardinality(c_queues)) ELSE p_limit END);
                CONTINUE WHEN v_take <= 0 OR c_spent[i];
                v_count := 0;
                IF c_careful[i] THEN
                    IF v_round > 1 THEN PERFORM martlet.fold(c_queues[i], v_now); END IF;
                    RETURN QUERY SELECT * FROM martlet.serve(c_queues[i], martlet.kinds_of(c_queues[i], p_kinds), v_take, p_node, v_expires,
                        v_free, v_now);
                    GET DIAGNOSTICS v_count = ROW_COUNT;
                    IF v_free THEN v_free := NOT EXISTS (SELECT FROM martlet.live WHERE phase = 1 AND deaths >= 2 AND node = p_node); END IF;
                ELSE
                    SELECT martlet.first_due(array_agg(u.lane), array_agg(u.class), array_agg(u.due), v_take, v_now) INTO v_rows
                    FROM unnest(h.queues, h.lanes, h.classes, h.dues) u(queue, lane, class, due)
                    WHERE u.queue = c_queues[i] AND u.due <= v_now AND u.class < 4;
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
        SELECT lane, class, least(due, v_now) - interval '250 milliseconds'
        FROM unnest(h.lanes, h.classes, h.dues, h.marks) u(lane, class, due, mark)
        WHERE least(due, v_now) - interval '450 milliseconds' > mark
    LOOP
        RETURN NEXT v_row;
    END LOOP;
    IF least(v_alarm, v_now) - interval '450 milliseconds' > p_alarms THEN
        v_row.sort := 'a';
        v_row.at := least(v_alarm, v_now) - interval '250 milliseconds';
        RETURN NEXT v_row;
    END IF;
    v_row.sort := 'm';
    v_row.at := v_now;
    v_row.generation := 0;
    IF p_shares THEN
        IF v_taken > 0 THEN
            v_row.generation := martlet.extend_node(p_node, martlet.later(v_now, p_ttl), p_now IS NULL);
        ELSE
            SELECT coalesce(max(generation), 0) INTO v_row.generation FROM martlet.nodes WHERE name = p_node;
        END IF;
    END IF;
    IF v_taken = 0 THEN
        SELECT n.span, n.expiry INTO v_row.span, v_expiry FROM martlet.next_due(
            ARRAY(SELECT name FROM martlet.queues WHERE NOT paused AND (p_queues IS NULL OR name = ANY (p_queues))),
            p_kinds, h.lanes, h.classes, v_alarm, p_expiries, v_now) n;
        v_mark.sort := 'e';
        -- A lease that is given out later, and is no longer than this claim's, does not end before.
        v_mark.at := least(v_expiry, martlet.later(v_now, p_ttl)) - interval '250 milliseconds';
        RETURN NEXT v_mark;
    ELSIF v_taken < p_limit THEN
        -- The jobs in hand do not wait for an answer that the next claim gives as well.
        v_row.span := 20000;
    END IF;
    RETURN NEXT v_row;
END $$
