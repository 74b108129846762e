-- Where the ready jobs of each lane begin. Everything here only under the lock of the queue's row.
--
-- A job that becomes ready says so in the deltas of its own transaction: whoever folds them sees every job that they speak of, and jobs that
-- are committed later bring a delta that is folded later. So a head that is moved on because the jobs themselves have been looked at misses
-- none.
--
-- The rows that nearly every claim changes have a version that grows with each change and comes last in their index: the newest is the first
-- that a search from its end meets, and what an old transaction elsewhere keeps of the earlier ones lies behind it.
CREATE FUNCTION martlet.state_of(p_queue text) RETURNS martlet.states
LANGUAGE plpgsql STABLE AS $$
DECLARE s martlet.states;
BEGIN
    SELECT * INTO s FROM martlet.states WHERE queue = p_queue ORDER BY version DESC LIMIT 1;
    IF NOT FOUND THEN
        s.queue := p_queue; s.version := 0; s.arrival := 0; s.virtual := 0; s.ready := 0; s.running := 0;
    END IF;
    RETURN s;
END $$
----
-- Adds to the state of a queue.
CREATE FUNCTION martlet.change_state(p_queue text, p_ready bigint, p_running bigint, p_virtual bigint, p_arrival bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_place tid;
    s martlet.states;
BEGIN
    SELECT ctid INTO v_place FROM martlet.states WHERE queue = p_queue ORDER BY version DESC LIMIT 1;
    IF v_place IS NULL THEN
        INSERT INTO martlet.states (queue, ready, running, virtual, arrival) VALUES (p_queue, p_ready, p_running, p_virtual, p_arrival);
    ELSE
        UPDATE martlet.states SET version = version + 1, ready = ready + p_ready, running = running + p_running,
            virtual = greatest(virtual, p_virtual), arrival = greatest(arrival, p_arrival)
        WHERE ctid = v_place;
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
-- Whether a queue has had jobs of more than one tenant.
CREATE FUNCTION martlet.is_shared(p_queue text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT tenant FROM martlet.lanes WHERE queue = p_queue ORDER BY tenant LIMIT 1)
        <> (SELECT tenant FROM martlet.lanes WHERE queue = p_queue ORDER BY tenant DESC LIMIT 1), false);
END $$
----
-- Folds what has been counted of a queue into its base, what its fair share has not been told of into the turns of its tenants, and what has
-- become ready into the heads of its lanes.
CREATE FUNCTION martlet.fold(p_queue text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_counts martlet.deltas[];
    v_lanes int[];
    v_classes smallint[];
    v_dues timestamptz[];
    v_tenants text[];
    v_served int[];
    v_ready bigint;
    v_running bigint;
    v_virtual bigint;
BEGIN
    WITH gone AS (
        DELETE FROM martlet.deltas WHERE queue = p_queue RETURNING *
    ), summed AS (
        SELECT lane, sum(ready)::int AS ready, sum(running)::int AS running, sum(waiting)::int AS waiting, sum(succeeded)::int AS succeeded,
            sum(failed)::int AS failed, sum(cancelled)::int AS cancelled FROM gone GROUP BY lane
    ), begun AS (
        SELECT lane, class, min(due) AS due FROM gone WHERE due IS NOT NULL GROUP BY lane, class
    )
    SELECT (SELECT array_agg((NULL, NULL, lane, NULL, NULL, NULL, ready, running, waiting, succeeded, failed, cancelled, NULL)::martlet.deltas)
            FROM summed),
        (SELECT sum(ready) FROM summed), (SELECT sum(running) FROM summed),
        (SELECT array_agg(lane ORDER BY lane) FROM begun), (SELECT array_agg(class ORDER BY lane) FROM begun),
        (SELECT array_agg(due ORDER BY lane) FROM begun),
        (SELECT array_agg(l.tenant ORDER BY seq) FROM gone JOIN martlet.lanes l ON l.id = gone.lane WHERE served > 0),
        (SELECT array_agg(served ORDER BY seq) FROM gone WHERE served > 0)
    INTO v_counts, v_ready, v_running, v_lanes, v_classes, v_dues, v_tenants, v_served;
    IF v_counts IS NULL THEN RETURN; END IF;
    PERFORM martlet.count_in(v_counts);
    IF v_tenants IS NOT NULL THEN v_virtual := martlet.serve_late(p_queue, v_tenants, v_served); END IF;
    IF v_ready <> 0 OR v_running <> 0 OR v_virtual IS NOT NULL THEN
        PERFORM martlet.change_state(p_queue, v_ready, v_running, coalesce(v_virtual, 0), 0);
    END IF;
    IF v_lanes IS NOT NULL THEN PERFORM martlet.begin_lanes(p_queue, v_lanes, v_classes, v_dues, p_now); END IF;
END $$
----
-- Adds up what has been counted of lanes, each named once.
CREATE FUNCTION martlet.count_in(p_counts martlet.deltas[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    WITH known AS MATERIALIZED (
        SELECT c.*, t.place FROM unnest(p_counts) c LEFT JOIN LATERAL (
            SELECT ctid AS place FROM martlet.tallies WHERE lane = c.lane ORDER BY version DESC LIMIT 1) t ON true
    ), new AS (
        INSERT INTO martlet.tallies (lane, ready, running, waiting, succeeded, failed, cancelled)
        SELECT lane, ready, running, waiting, succeeded, failed, cancelled FROM known WHERE place IS NULL
    )
    UPDATE martlet.tallies t SET version = t.version + 1, ready = t.ready + k.ready, running = t.running + k.running,
        waiting = t.waiting + k.waiting, succeeded = t.succeeded + k.succeeded, failed = t.failed + k.failed,
        cancelled = t.cancelled + k.cancelled
    FROM known k WHERE t.ctid = k.place;
END $$
----
-- Gives tenants the turns of what they have been served without the queue's lock; answers the virtual time.
CREATE FUNCTION martlet.serve_late(p_queue text, p_tenants text[], p_served int[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_virtual bigint := (martlet.state_of(p_queue)).virtual;
    v_turn bigint;
BEGIN
    FOR i IN 1..cardinality(p_tenants) LOOP
        -- A run of one tenant is one step.
        IF i < cardinality(p_tenants) AND p_tenants[i + 1] = p_tenants[i] THEN
            p_served[i + 1] := p_served[i + 1] + p_served[i];
            CONTINUE;
        END IF;
        SELECT turn INTO v_turn FROM martlet.shares WHERE queue = p_queue AND tenant = p_tenants[i] ORDER BY turn DESC LIMIT 1;
        v_turn := greatest(coalesce(v_turn, 0), v_virtual) + p_served[i];
        PERFORM martlet.set_turns(p_queue, p_tenants[i:i], ARRAY[v_turn]);
        v_virtual := greatest(v_virtual, v_turn - 1);
    END LOOP;
    UPDATE martlet.heads h SET version = h.version + 1, turn = m.turn FROM (
        SELECT h.place, s.turn FROM (SELECT DISTINCT tenant FROM unnest(p_tenants) u(tenant) ORDER BY tenant OFFSET 0) u
        CROSS JOIN LATERAL (
            SELECT turn FROM martlet.shares WHERE queue = p_queue AND tenant = u.tenant ORDER BY turn DESC LIMIT 1) s
        JOIN martlet.lanes l ON l.queue = p_queue AND l.tenant = u.tenant CROSS JOIN LATERAL (
            SELECT ctid AS place, awake, turn FROM martlet.heads WHERE lane = l.id ORDER BY version DESC LIMIT 1) h
        WHERE h.awake AND h.turn < s.turn) m
    WHERE h.ctid = m.place;
    RETURN v_virtual;
END $$
----
-- Sets the turns of tenants, each named once. A turn only grows, so it is its own version.
CREATE FUNCTION martlet.set_turns(p_queue text, p_tenants text[], p_turns bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    WITH known AS MATERIALIZED (
        SELECT u.tenant, u.turn, s.place FROM unnest(p_tenants, p_turns) u(tenant, turn) LEFT JOIN LATERAL (
            SELECT ctid AS place FROM martlet.shares WHERE queue = p_queue AND tenant = u.tenant ORDER BY turn DESC LIMIT 1) s ON true
    ), new AS (
        INSERT INTO martlet.shares (queue, tenant, turn) SELECT p_queue, tenant, turn FROM known WHERE place IS NULL
    )
    UPDATE martlet.shares s SET turn = k.turn FROM known k WHERE s.ctid = k.place;
END $$
----
-- Says of lanes that jobs are ready in them. Lanes come in order, a class of each once.
CREATE FUNCTION martlet.begin_lanes(p_queue text, p_lanes int[], p_classes smallint[], p_dues timestamptz[], p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE q martlet.queues;
BEGIN
    SELECT * INTO q FROM martlet.queues WHERE name = p_queue;
    WITH begun AS MATERIALIZED (
        SELECT d.lane, d.due, d.marks, h.place, h.marks AS was, h.awake, h.turn FROM (
            SELECT lane, min(due) AS due, ARRAY(
                SELECT coalesce(min(m.due), 'infinity') FROM generate_series(0, 7) c(class) LEFT JOIN unnest(array_agg(u.class), array_agg(u.due))
                    m(class, due) ON m.class = c.class GROUP BY c.class ORDER BY c.class) AS marks
            FROM unnest(p_lanes, p_classes, p_dues) u(lane, class, due) GROUP BY lane) d
        LEFT JOIN LATERAL (
            SELECT ctid AS place, marks, awake, turn FROM martlet.heads WHERE lane = d.lane ORDER BY version DESC LIMIT 1) h ON true
        WHERE h.place IS NULL OR EXISTS (SELECT FROM unnest(h.marks, d.marks) m(was, new) WHERE m.new < m.was)
    ), turned AS MATERIALIZED (
        SELECT b.lane, b.due, b.place, b.marks, b.was, b.awake OR b.due <= greatest(p_now, q.woken) AS awake, CASE WHEN b.awake THEN b.turn
            ELSE greatest(q.floor, coalesce((
                SELECT turn FROM martlet.shares WHERE queue = p_queue AND tenant = l.tenant ORDER BY turn DESC LIMIT 1), 0)) END AS turn,
            l.kind, l.tenant
        FROM begun b JOIN martlet.lanes l ON l.id = b.lane
    ), new AS (
        INSERT INTO martlet.heads (lane, queue, kind, tenant, turn, due, marks, awake)
        SELECT lane, p_queue, kind, tenant, turn, due, marks, coalesce(awake, due <= greatest(p_now, q.woken)) FROM turned WHERE place IS NULL
    ), moved AS (
        UPDATE martlet.heads h SET version = h.version + 1, due = least(h.due, t.due), awake = t.awake, turn = t.turn,
            marks = ARRAY(SELECT least(m.was, m.new) FROM unnest(h.marks, t.marks) m(was, new))
        FROM turned t WHERE h.ctid = t.place
    )
    SELECT least(q.since, min(due)) INTO q.since FROM begun;
    UPDATE martlet.queues SET since = q.since WHERE name = p_queue AND since > q.since;
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
    UPDATE martlet.heads h SET version = h.version + 1, awake = true, turn = greatest(q.floor, coalesce((
        SELECT turn FROM martlet.shares WHERE queue = p_queue AND tenant = h.tenant ORDER BY turn DESC LIMIT 1), 0))
    FROM unnest(v_rows) u(place) WHERE h.ctid = u.place;
    RETURN cardinality(v_rows);
END $$
----
-- Looks where the ready jobs of these lanes begin now, and whose turn it is. A head of a lane that has none sleeps for ever.
CREATE FUNCTION martlet.refresh(p_queue text, p_lanes int[], p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE q martlet.queues;
BEGIN
    SELECT * INTO q FROM martlet.queues WHERE name = p_queue;
    WITH begun AS MATERIALIZED (
        SELECT h.place, h.marks AS was, h.awake, h.turn AS last, greatest(h.turn, s.turn, q.floor) AS turn, ARRAY(
            SELECT CASE WHEN m.mark = 'infinity' THEN m.mark ELSE coalesce((
                SELECT j.due FROM martlet.live j
                WHERE j.phase = 0 AND j.lane = u.lane AND j.class = (m.ord - 1)::smallint AND j.due >= m.mark ORDER BY j.due, j.id LIMIT 1),
                'infinity') END
            FROM unnest(h.marks) WITH ORDINALITY m(mark, ord) ORDER BY m.ord) AS marks
        FROM (SELECT DISTINCT lane FROM unnest(p_lanes) u(lane) ORDER BY lane OFFSET 0) u CROSS JOIN LATERAL (
            SELECT ctid AS place, tenant, turn, marks, awake FROM martlet.heads WHERE lane = u.lane ORDER BY version DESC LIMIT 1) h
        LEFT JOIN LATERAL (
            SELECT turn FROM martlet.shares WHERE queue = p_queue AND tenant = h.tenant ORDER BY turn DESC LIMIT 1) s ON true
    ), first AS MATERIALIZED (
        SELECT *, least(marks[1], marks[2], marks[3], marks[4], marks[5], marks[6], marks[7], marks[8]) AS due FROM begun
        WHERE marks <> was OR awake AND turn <> last
    )
    UPDATE martlet.heads h SET version = h.version + 1, turn = f.turn, marks = f.marks, due = f.due, awake = f.due <= greatest(p_now, q.woken)
    FROM first f WHERE h.ctid = f.place;
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
        SELECT h.lane, h.due INTO v_lane, v_due FROM martlet.queues q CROSS JOIN unnest(p_kinds) k(kind) CROSS JOIN LATERAL (
            SELECT lane, due FROM martlet.heads WHERE queue = p_queue AND kind = k.kind AND awake AND due >= q.since ORDER BY due LIMIT 1) h
        WHERE q.name = p_queue ORDER BY h.due LIMIT 1;
        IF v_due IS NULL OR v_due > p_now THEN RETURN NULL; END IF;
        -- Its job may have been cancelled meanwhile.
        PERFORM martlet.refresh(p_queue, ARRAY[v_lane], p_now);
        SELECT due INTO v_now FROM martlet.heads WHERE lane = v_lane ORDER BY version DESC LIMIT 1;
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
    v_kinds text[] := martlet.kinds_of(p_queue, NULL);
    v_floor bigint;
    v_since timestamptz;
BEGIN
    PERFORM martlet.fold(p_queue, p_now);
    WHILE martlet.wake(p_queue, v_kinds, p_now) > 0 LOOP END LOOP;
    -- Whoever claims without the lock does not look at heads.
    IF NOT p_moves OR NOT martlet.is_shared(p_queue) THEN RETURN; END IF;
    SELECT * INTO q FROM martlet.queues WHERE name = p_queue;
    SELECT least(min(t.turn), (martlet.state_of(p_queue)).virtual), least(min(d.due), p_now - interval '2 seconds') INTO v_floor, v_since
    FROM unnest(v_kinds) k(kind) LEFT JOIN LATERAL (
        SELECT turn FROM martlet.heads WHERE queue = p_queue AND kind = k.kind AND awake AND turn >= q.floor ORDER BY turn LIMIT 1) t ON true
    LEFT JOIN LATERAL (
        SELECT due FROM martlet.heads WHERE queue = p_queue AND kind = k.kind AND awake AND due >= q.since ORDER BY due LIMIT 1) d ON true;
    -- A claim may have read the clock a little earlier.
    UPDATE martlet.queues SET floor = greatest(floor, v_floor), since = greatest(since, v_since),
        woken = greatest(woken, p_now - interval '2 seconds')
    WHERE name = p_queue;
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
