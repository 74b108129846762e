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
                SELECT coalesce(sum(t.running), 0) AS running FROM martlet.lanes l CROSS JOIN LATERAL (
                    SELECT running FROM martlet.tallies WHERE lane = l.id ORDER BY version DESC LIMIT 1) t
                WHERE l.queue = p_queue AND l.tenant = u.tenant) r;
        END IF;
        WITH lane AS MATERIALIZED (
            SELECT u.tenant, u.turn, u.room, l.id AS lane, h.marks FROM unnest(n_tenants, n_turns, n_rooms) u(tenant, turn, room)
            JOIN martlet.lanes l ON l.queue = p_queue AND l.tenant = u.tenant CROSS JOIN LATERAL (
                SELECT awake, marks FROM martlet.heads WHERE lane = l.id ORDER BY version DESC LIMIT 1) h
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
            (SELECT array_agg(lane) FROM lane WHERE NOT EXISTS (SELECT FROM due WHERE due.lane = lane.lane)) AS idle
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
-- Only under the queue's lock, folded. Moves the turns on, and answers the virtual time.
CREATE FUNCTION martlet.allot(
    p_queue text, p_kinds text[], p_count bigint, p_free boolean, p_now timestamptz,
    OUT tenants text[], OUT ids uuid[], OUT suspects boolean, OUT idle int[], OUT virtual bigint
)
LANGUAGE plpgsql AS $$
DECLARE
    v_virtual bigint;
    v_depth bigint;
    v_starts bigint[];
    v_short boolean;
    d record;
BEGIN
    v_virtual := (martlet.state_of(p_queue)).virtual;
    -- Where many compete, few jobs of each are looked at first.
    SELECT CASE count(*) WHEN 1 THEN p_count ELSE least(p_count, greatest(2, p_count / greatest(1, count(*)) + 1)) END INTO v_depth
    FROM unnest(p_kinds) k(kind) CROSS JOIN LATERAL (
        SELECT FROM martlet.heads
        WHERE queue = p_queue AND kind = k.kind AND awake AND turn >= (SELECT floor FROM martlet.queues WHERE name = p_queue)
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
    PERFORM martlet.set_turns(p_queue, array_agg(t.tenant), array_agg(t.turn))
    FROM (SELECT u.tenant, max(u.start) + 1 AS turn FROM unnest(tenants, v_starts) u(tenant, start) GROUP BY u.tenant) t;
    virtual := v_starts[cardinality(v_starts)];
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
            FROM martlet.lanes l CROSS JOIN LATERAL (
                SELECT lane, marks FROM martlet.heads WHERE lane = l.id ORDER BY version DESC LIMIT 1) h
            CROSS JOIN LATERAL unnest(h.marks) WITH ORDINALITY m(mark, ord)
            WHERE l.queue = p_queue AND l.tenant = a.tenants[i] AND l.kind = ANY (p_kinds) AND m.mark <= p_now AND (m.ord <= 4 OR v_free);
            CONTINUE WHEN v_rows IS NULL;
            RETURN QUERY SELECT * FROM martlet.start(v_rows, p_node, p_expires, 0, p_now);
            v_taken := v_taken + 1;
        END LOOP;
    END IF;
    SELECT array_agg(l.id) INTO v_lanes FROM (SELECT DISTINCT tenant FROM unnest(a.tenants) u(tenant)) u
    JOIN martlet.lanes l ON l.queue = p_queue AND l.tenant = u.tenant;
    PERFORM martlet.refresh(p_queue, v_lanes || a.idle, p_now);
    PERFORM martlet.change_state(p_queue, 0, 0, coalesce(a.virtual, 0), coalesce(CASE WHEN v_taken > 0 THEN
            greatest((martlet.state_of(p_queue)).arrival, martlet.nanoseconds(p_now))
                + greatest(1, (q.rate_per * 1000 + q.rate_count - 1) / q.rate_count) * v_taken END, 0))
    FROM martlet.queues q WHERE q.name = p_queue AND (a.virtual IS NOT NULL OR q.rate_count IS NOT NULL);
END $$
