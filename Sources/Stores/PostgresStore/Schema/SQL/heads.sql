-- Where the ready jobs of each lane begin. Everything here only under the lock of the queue's row.
--
-- A job that becomes ready says so in the deltas of its own transaction: whoever folds them sees every job that they speak of, and jobs that
-- are committed later bring a delta that is folded later. So a head that is moved on, or removed, because the jobs themselves have been
-- looked at, misses none.
--
-- Folds what has been counted of a queue into its base, what its fair share has not been told of into the turns of its tenants, and what has
-- become ready into the heads of its lanes.
CREATE FUNCTION martlet.fold(p_queue text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_tenants text[];
    v_served int[];
    v_ready bigint;
    v_running bigint;
    v_turn bigint;
    q martlet.queues;
BEGIN
    IF NOT EXISTS (SELECT FROM martlet.deltas WHERE queue = p_queue) THEN RETURN; END IF;
    SELECT * INTO q FROM martlet.queues WHERE name = p_queue;
    WITH gone AS (
        DELETE FROM martlet.deltas WHERE queue = p_queue RETURNING *
    ), counted AS (
        INSERT INTO martlet.tallies AS t (lane, ready, running, waiting, succeeded, failed, cancelled)
        SELECT lane, sum(ready), sum(running), sum(waiting), sum(succeeded), sum(failed), sum(cancelled) FROM gone GROUP BY lane ORDER BY lane
        ON CONFLICT (lane) DO UPDATE SET ready = t.ready + excluded.ready, running = t.running + excluded.running,
            waiting = t.waiting + excluded.waiting, succeeded = t.succeeded + excluded.succeeded, failed = t.failed + excluded.failed,
            cancelled = t.cancelled + excluded.cancelled
    ), begun AS (
        INSERT INTO martlet.heads AS h (lane, queue, kind, tenant, turn, due, marks, awake)
        SELECT l.id, l.queue, l.kind, l.tenant, greatest(q.floor, coalesce(s.turn, 0)), d.due, d.marks, d.due <= greatest(p_now, q.woken)
        FROM (
            SELECT lane, min(due) AS due, ARRAY[
                coalesce(min(due) FILTER (WHERE class = 0), 'infinity'), coalesce(min(due) FILTER (WHERE class = 1), 'infinity'),
                coalesce(min(due) FILTER (WHERE class = 2), 'infinity'), coalesce(min(due) FILTER (WHERE class = 3), 'infinity'),
                coalesce(min(due) FILTER (WHERE class = 4), 'infinity'), coalesce(min(due) FILTER (WHERE class = 5), 'infinity'),
                coalesce(min(due) FILTER (WHERE class = 6), 'infinity'), coalesce(min(due) FILTER (WHERE class = 7), 'infinity')] AS marks
            FROM gone WHERE due IS NOT NULL GROUP BY lane ORDER BY lane) d
        JOIN martlet.lanes l ON l.id = d.lane LEFT JOIN martlet.shares s ON s.queue = l.queue AND s.tenant = l.tenant
        ON CONFLICT (lane) DO UPDATE SET due = least(h.due, excluded.due), awake = h.awake OR excluded.awake,
            turn = CASE WHEN h.awake THEN h.turn ELSE excluded.turn END,
            marks = ARRAY(SELECT least(was, new) FROM unnest(h.marks, excluded.marks) m(was, new))
        WHERE EXISTS (SELECT FROM unnest(h.marks, excluded.marks) m(was, new) WHERE new < was)
    )
    SELECT sum(ready), sum(running), array_agg(tenant ORDER BY seq) FILTER (WHERE served > 0),
        array_agg(served ORDER BY seq) FILTER (WHERE served > 0)
    INTO v_ready, v_running, v_tenants, v_served
    FROM (
        SELECT seq, ready, running, served, CASE WHEN served > 0 THEN (SELECT tenant FROM martlet.lanes WHERE id = gone.lane) END AS tenant
        FROM gone) g;
    IF v_tenants IS NOT NULL THEN
        FOR i IN 1..cardinality(v_tenants) LOOP
            -- A run of one tenant is one step.
            IF i < cardinality(v_tenants) AND v_tenants[i + 1] = v_tenants[i] THEN
                v_served[i + 1] := v_served[i + 1] + v_served[i];
                CONTINUE;
            END IF;
            INSERT INTO martlet.shares AS s (queue, tenant, turn) VALUES (p_queue, v_tenants[i], q.virtual + v_served[i])
            ON CONFLICT (queue, tenant) DO UPDATE SET turn = greatest(s.turn, q.virtual) + v_served[i] RETURNING turn INTO v_turn;
            q.virtual := greatest(q.virtual, v_turn - 1);
        END LOOP;
        PERFORM martlet.pass_turns(p_queue, v_tenants);
    END IF;
    IF v_ready <> 0 OR v_running <> 0 OR v_tenants IS NOT NULL THEN
        UPDATE martlet.queues SET ready = ready + v_ready, running = running + v_running, virtual = q.virtual WHERE name = p_queue;
    END IF;
END $$
----
-- The kinds of a queue that a claim knows; null is every one.
CREATE FUNCTION martlet.kinds_of(p_queue text, p_kinds text[]) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(SELECT kind FROM martlet.kinds WHERE queue = p_queue AND (p_kinds IS NULL OR kind = ANY (p_kinds)));
END $$
----
-- Tells the awake heads of these tenants whose turn it is now.
CREATE FUNCTION martlet.pass_turns(p_queue text, p_tenants text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE martlet.heads h SET turn = m.turn FROM (
        SELECT l.id, s.turn FROM (SELECT DISTINCT tenant FROM unnest(p_tenants) u(tenant) ORDER BY tenant OFFSET 0) u
        JOIN martlet.shares s ON s.queue = p_queue AND s.tenant = u.tenant JOIN martlet.lanes l ON l.queue = p_queue AND l.tenant = u.tenant) m
    WHERE h.lane = m.id AND h.awake AND h.turn < m.turn;
END $$
----
-- Wakes heads that have become due, a thousand of each kind; answers how many.
CREATE FUNCTION martlet.wake(p_queue text, p_kinds text[], p_now timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    q martlet.queues;
    v_rows tid[];
BEGIN
    SELECT * INTO q FROM martlet.queues WHERE name = p_queue;
    SELECT array_agg(place) INTO v_rows FROM unnest(p_kinds) k(kind) CROSS JOIN LATERAL (
        SELECT ctid AS place FROM martlet.heads
        WHERE queue = p_queue AND kind = k.kind AND NOT awake AND due > q.woken AND due <= p_now ORDER BY due LIMIT 1000) h;
    IF v_rows IS NULL THEN RETURN 0; END IF;
    UPDATE martlet.heads h SET awake = true, turn = greatest(q.floor, coalesce((
        SELECT turn FROM martlet.shares s WHERE s.queue = p_queue AND s.tenant = h.tenant), 0))
    FROM unnest(v_rows) u(place) WHERE h.ctid = u.place;
    RETURN cardinality(v_rows);
END $$
----
-- Looks where the ready jobs of these lanes begin now, and whose turn it is, so that each head is written once.
CREATE FUNCTION martlet.refresh(p_queue text, p_lanes int[], p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_lanes int[];
    v_until timestamptz;
BEGIN
    SELECT greatest(p_now, woken) INTO v_until FROM martlet.queues WHERE name = p_queue;
    WITH begun AS MATERIALIZED (
        SELECT h.ctid AS place, h.lane, h.marks AS was, ARRAY(
            SELECT CASE WHEN m.mark = 'infinity' THEN m.mark ELSE coalesce((
                SELECT j.due FROM martlet.live j
                WHERE j.phase = 0 AND j.lane = h.lane AND j.class = (m.ord - 1)::smallint AND j.due >= m.mark ORDER BY j.due, j.id LIMIT 1),
                'infinity') END
            FROM unnest(h.marks) WITH ORDINALITY m(mark, ord) ORDER BY m.ord) AS marks
        FROM unnest(p_lanes) u(lane) JOIN martlet.heads h ON h.lane = u.lane
    ), moved AS (
        UPDATE martlet.heads h SET marks = b.marks, due = least(b.marks[1], b.marks[2], b.marks[3], b.marks[4], b.marks[5], b.marks[6],
                b.marks[7], b.marks[8]),
            awake = least(b.marks[1], b.marks[2], b.marks[3], b.marks[4], b.marks[5], b.marks[6], b.marks[7], b.marks[8]) <= v_until,
            turn = CASE WHEN h.awake THEN greatest(h.turn, (
                SELECT turn FROM martlet.shares s WHERE s.queue = p_queue AND s.tenant = h.tenant)) ELSE h.turn END
        FROM begun b WHERE h.ctid = b.place AND b.marks <> b.was AND b.marks <> array_fill(timestamptz 'infinity', ARRAY[8])
    )
    SELECT array_agg(lane) INTO v_lanes FROM begun WHERE marks = array_fill(timestamptz 'infinity', ARRAY[8]);
    IF v_lanes IS NOT NULL THEN DELETE FROM martlet.heads h USING unnest(v_lanes) u(lane) WHERE h.lane = u.lane; END IF;
END $$
----
-- The due time of the first due job of these kinds, be it a suspect; null where none is due.
CREATE FUNCTION martlet.earliest(p_queue text, p_kinds text[], p_now timestamptz) RETURNS timestamptz
LANGUAGE plpgsql AS $$
DECLARE
    v_lane int;
    v_due timestamptz;
    v_now timestamptz;
BEGIN
    LOOP
        SELECT h.lane, h.due INTO v_lane, v_due FROM unnest(p_kinds) k(kind) CROSS JOIN LATERAL (
            SELECT lane, due FROM martlet.heads WHERE queue = p_queue AND kind = k.kind AND awake ORDER BY due LIMIT 1) h
        ORDER BY h.due LIMIT 1;
        IF v_due IS NULL OR v_due > p_now THEN RETURN NULL; END IF;
        -- Its job may have been cancelled meanwhile.
        PERFORM martlet.refresh(p_queue, ARRAY[v_lane], p_now);
        SELECT due INTO v_now FROM martlet.heads WHERE lane = v_lane;
        IF v_now = v_due THEN RETURN v_due; END IF;
    END LOOP;
END $$
----
-- Whether a queue may hold something due of these kinds: what is not so needs no lock.
CREATE FUNCTION martlet.may_be_due(p_queue text, p_kinds text[], p_floor bigint, p_woken timestamptz, p_now timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM unnest(p_kinds) k(kind) CROSS JOIN LATERAL (
            SELECT FROM martlet.heads WHERE queue = p_queue AND kind = k.kind AND awake AND turn >= p_floor LIMIT 1) h
    ) OR EXISTS (
        SELECT FROM unnest(p_kinds) k(kind) CROSS JOIN LATERAL (
            SELECT FROM martlet.heads WHERE queue = p_queue AND kind = k.kind AND NOT awake AND due > p_woken AND due <= p_now LIMIT 1) h
    ) OR EXISTS (SELECT FROM martlet.deltas WHERE queue = p_queue AND due IS NOT NULL);
END $$
----
-- Folds a queue, wakes what has become due, and moves on the places where a claim begins its search (where `p_moves`): from then on a tenant
-- that has been idle longer than the floor counts as idle since the floor, which changes nothing but the order of such tenants.
CREATE FUNCTION martlet.tidy_queue(p_queue text, p_moves boolean, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    q martlet.queues;
    v_kinds text[];
    v_floor bigint;
BEGIN
    PERFORM martlet.fold(p_queue, p_now);
    v_kinds := martlet.kinds_of(p_queue, NULL);
    WHILE martlet.wake(p_queue, v_kinds, p_now) > 0 LOOP END LOOP;
    IF NOT p_moves THEN RETURN; END IF;
    SELECT * INTO q FROM martlet.queues WHERE name = p_queue;
    SELECT min(h.turn) INTO v_floor FROM unnest(v_kinds) k(kind) CROSS JOIN LATERAL (
        SELECT turn FROM martlet.heads WHERE queue = p_queue AND kind = k.kind AND awake AND turn >= q.floor ORDER BY turn LIMIT 1) h;
    v_floor := greatest(q.floor, least(v_floor, q.virtual));
    -- A claim may have read the clock a little earlier. A row that is changed seldom is found at once by whoever has to step over its old versions.
    UPDATE martlet.queues SET floor = v_floor, woken = greatest(woken, p_now - interval '2 seconds')
    WHERE name = p_queue AND (floor <> v_floor OR woken < p_now - interval '10 seconds');
END $$
----
-- Tidies every queue that nobody else is busy with and that has something to fold; removes signs of life that newer ones stand for.
CREATE FUNCTION martlet.tidy(p_now timestamptz, p_floor timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    v_queue text;
    v_now timestamptz := martlet.clock(p_now, p_floor);
BEGIN
    FOR v_queue IN
        SELECT q.name FROM martlet.queues q WHERE EXISTS (SELECT FROM martlet.deltas d WHERE d.queue = q.name) ORDER BY q.name
    LOOP
        PERFORM FROM martlet.queues WHERE name = v_queue FOR NO KEY UPDATE SKIP LOCKED;
        IF FOUND THEN PERFORM martlet.tidy_queue(v_queue, p_now IS NULL, v_now); END IF;
    END LOOP;
    DELETE FROM martlet.beats b WHERE EXISTS (SELECT FROM martlet.beats later WHERE later.node = b.node AND later.seq > b.seq);
END $$
----
-- Empties the slots of deltas that are over and have been folded, where it pays. What somebody holds open is left for another time.
CREATE FUNCTION martlet.empty_slots() RETURNS void
LANGUAGE plpgsql SET lock_timeout = '50ms' SET jit = off AS $$
DECLARE
    v_slot int := extract(epoch FROM clock_timestamp())::bigint / 2 % 4;
    v_name text;
    v_holds boolean;
BEGIN
    FOR i IN 2..3 LOOP
        v_name := 'deltas_' || (v_slot + i) % 4;
        CONTINUE WHEN pg_relation_size(to_regclass('martlet.' || v_name)) < 65536;
        BEGIN
            EXECUTE format('LOCK TABLE martlet.%I IN ACCESS EXCLUSIVE MODE', v_name);
            EXECUTE format('SELECT EXISTS (SELECT FROM martlet.%I)', v_name) INTO v_holds;
            IF NOT v_holds THEN EXECUTE format('TRUNCATE martlet.%I', v_name); END IF;
        EXCEPTION WHEN lock_not_available THEN NULL;
        END;
    END LOOP;
END $$
