-- One death: of the jobs that were held, some are blamed, and all stop running (see Quarantine).
CREATE FUNCTION martlet.bury(p_node text, p_ids uuid[], p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    o martlet.live;
    n martlet.live;
    v_suspects boolean;
BEGIN
    IF p_ids IS NULL THEN RETURN; END IF;
    PERFORM martlet.lock_jobs(p_ids, NULL, NULL, NULL, NULL);
    v_suspects := EXISTS (SELECT FROM martlet.live WHERE id = ANY (p_ids) AND phase + 0 = 1 AND node = p_node AND deaths >= 2);
    FOR o IN SELECT * FROM martlet.live WHERE id = ANY (p_ids) AND phase + 0 = 1 AND node = p_node ORDER BY id LOOP
        n := o;
        IF o.deaths >= 2 OR NOT v_suspects THEN
            n.deaths := o.deaths + 1;
            IF n.deaths >= 3 AND NOT o.cancel THEN
                n.error_kind := 'crashed';
                n.error_message := format('its process died %s times while it ran; revive it when the cause is mended', n.deaths);
                PERFORM martlet.finish(n, o, 1::smallint, p_now);
                CONTINUE;
            END IF;
        END IF;
        PERFORM martlet.go_back(n, o, p_now, p_now);
    END LOOP;
END $$
----
CREATE FUNCTION martlet.sweep_nodes(p_departed text[], p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_node text;
    v_ids uuid[];
BEGIN
    FOR v_node IN
        SELECT n.name FROM martlet.nodes n CROSS JOIN LATERAL (
            SELECT expires FROM martlet.beats WHERE node = n.name ORDER BY seq DESC LIMIT 1) b
        WHERE b.expires <= p_now OR n.name = ANY (p_departed) ORDER BY b.expires, n.name LIMIT 1000
    LOOP
        -- A node that claims or renews right now is alive.
        PERFORM FROM martlet.nodes WHERE name = v_node FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        CONTINUE WHEN v_node <> ALL (p_departed)
            AND (SELECT expires FROM martlet.beats WHERE node = v_node ORDER BY seq DESC LIMIT 1) > p_now;
        DELETE FROM martlet.nodes WHERE name = v_node;
        DELETE FROM martlet.beats WHERE node = v_node;
        SELECT array_agg(id) INTO v_ids FROM martlet.live WHERE phase = 1 AND node = v_node AND expires IS NULL;
        PERFORM martlet.bury(v_node, v_ids, p_now);
    END LOOP;
END $$
----
CREATE FUNCTION martlet.sweep_alarms(p_alarms timestamptz, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    o martlet.live;
    v_node text;
    v_ids uuid[];
    v_seconds text;
BEGIN
    FOR v_node, v_ids IN
        SELECT node, array_agg(id) FROM (
            SELECT node, id, alarm FROM martlet.live WHERE phase = 1 AND alarm >= p_alarms AND alarm <= p_now ORDER BY alarm, id LIMIT 1000) held
        GROUP BY node ORDER BY min(alarm)
    LOOP
        PERFORM martlet.bury(v_node, v_ids, p_now);
    END LOOP;
    SELECT array_agg(id) INTO v_ids FROM (
        SELECT id FROM martlet.live WHERE phase <> 1 AND alarm >= p_alarms AND alarm <= p_now AND phase + 0 = 0 ORDER BY alarm, id LIMIT 1000) late;
    IF v_ids IS NOT NULL THEN
        PERFORM martlet.lock_jobs(v_ids, NULL, NULL, NULL, NULL);
        FOR o IN SELECT * FROM martlet.live WHERE id = ANY (v_ids) AND alarm <= p_now AND phase + 0 = 0 ORDER BY alarm, id LOOP
            v_seconds := (o.queue_timeout::double precision / 1000000)::text;
            IF v_seconds ~ '^[0-9]+$' THEN v_seconds := v_seconds || '.0'; END IF;
            o.error_kind := 'queue-timeout';
            o.error_message := format('it was not started within %s s of becoming due', v_seconds);
            PERFORM martlet.finish(o, o, 1::smallint, p_now);
        END LOOP;
    END IF;
    SELECT array_agg(id) INTO v_ids FROM (
        SELECT id FROM martlet.live WHERE phase <> 1 AND alarm >= p_alarms AND alarm <= p_now AND phase + 0 = 2 ORDER BY alarm, id LIMIT 1000) over;
    IF v_ids IS NOT NULL THEN
        PERFORM martlet.lock_jobs(v_ids, NULL, NULL, NULL, NULL);
        FOR o IN SELECT * FROM martlet.live WHERE id = ANY (v_ids) AND alarm <= p_now AND phase + 0 = 2 ORDER BY alarm, id LOOP
            PERFORM martlet.end_wait(o, '{"deadline":true}', p_now);
        END LOOP;
    END IF;
END $$
----
-- Puts right what time alone has changed: dead nodes, single leases, queue timeouts, deadlines. One sweeper at a time is enough. `p_alarms`:
-- the caller has seen that nothing is due before it. Answers the first alarm that is due and has not been heeded.
CREATE FUNCTION martlet.sweep(p_departed text[], p_alarms timestamptz, p_now timestamptz) RETURNS timestamptz
LANGUAGE plpgsql AS $$
DECLARE v_first timestamptz;
BEGIN
    v_first := martlet.first_alarm(p_alarms, p_now);
    IF cardinality(p_departed) = 0 THEN
        IF v_first IS NULL AND NOT EXISTS (
            SELECT FROM martlet.nodes n CROSS JOIN LATERAL (
                SELECT expires FROM martlet.beats WHERE node = n.name ORDER BY seq DESC LIMIT 1) b WHERE b.expires <= p_now)
        THEN RETURN v_first; END IF;
        IF NOT pg_try_advisory_xact_lock(hashtextextended('martlet.sweep', 0)) THEN RETURN v_first; END IF;
    ELSE
        PERFORM pg_advisory_xact_lock(hashtextextended('martlet.sweep', 0));
    END IF;
    PERFORM martlet.sweep_nodes(p_departed, p_now);
    PERFORM martlet.sweep_alarms(p_alarms, p_now);
    RETURN martlet.first_alarm(p_alarms, p_now);
END $$
----
CREATE FUNCTION martlet.first_alarm(p_from timestamptz, p_to timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN least(
        (SELECT alarm FROM martlet.live WHERE phase = 1 AND alarm >= p_from AND alarm <= p_to ORDER BY alarm LIMIT 1),
        (SELECT alarm FROM martlet.live WHERE phase <> 1 AND alarm >= p_from AND alarm <= p_to ORDER BY alarm LIMIT 1));
END $$
----
-- Creates or extends the row of a node that shows life; answers its generation. With the server's clock (`p_rounds`) a word is good for a
-- little longer, so that a node that claims a thousand times a second does not add one for each.
CREATE FUNCTION martlet.extend_node(p_node text, p_expires timestamptz, p_rounds boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE v_generation bigint;
BEGIN
    LOOP
        SELECT generation INTO v_generation FROM martlet.nodes WHERE name = p_node FOR KEY SHARE;
        EXIT WHEN FOUND;
        INSERT INTO martlet.nodes (name, generation) VALUES (p_node, nextval('martlet.generations')) ON CONFLICT DO NOTHING;
    END LOOP;
    IF NOT p_rounds THEN
        INSERT INTO martlet.beats (node, expires) VALUES (p_node, p_expires);
    ELSIF (SELECT expires FROM martlet.beats WHERE node = p_node ORDER BY seq DESC LIMIT 1) >= p_expires IS NOT TRUE THEN
        INSERT INTO martlet.beats (node, expires) VALUES (p_node, p_expires + interval '500 milliseconds');
    END IF;
    RETURN v_generation;
END $$
----
-- Answers a row for each lease ('h' held, 'c' asked to stop, 'l' lost), each job that is to stop ('s'), each node ('n'), then generation and time.
CREATE FUNCTION martlet.renew(
    p_node text, p_ttl bigint, p_jobs uuid[], p_epochs bigint[], p_departed text[], p_last boolean, p_since timestamptz, p_alarms timestamptz,
    p_now timestamptz, p_floor timestamptz
) RETURNS SETOF martlet.answer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := martlet.clock(p_now, p_floor);
    v_holds boolean;
    a martlet.answer;
    o martlet.live;
BEGIN
    PERFORM martlet.sweep(p_departed, p_alarms, v_now);
    -- What was started last is most likely to be held still: behind it are the entries of jobs that are over.
    v_holds := coalesce((
        SELECT true FROM martlet.live WHERE phase = 1 AND node = p_node AND expires IS NULL AND started >= p_since
        ORDER BY started DESC LIMIT 1), false);
    IF p_last AND NOT v_holds THEN
        DELETE FROM martlet.nodes WHERE name = p_node;
        DELETE FROM martlet.beats WHERE node = p_node;
    ELSIF v_holds OR NOT EXISTS (SELECT FROM martlet.nodes WHERE name = p_node) THEN
        a.number := martlet.extend_node(p_node, martlet.later(v_now, p_ttl), p_now IS NULL);
    ELSE
        SELECT generation INTO a.number FROM martlet.nodes WHERE name = p_node;
    END IF;
    a.now := v_now;
    RETURN NEXT a;
    IF cardinality(p_jobs) > 0 THEN
        PERFORM FROM martlet.live WHERE id = ANY (p_jobs) ORDER BY id FOR UPDATE;
        FOR i IN 1..cardinality(p_jobs) LOOP
            SELECT * INTO o FROM martlet.live WHERE id = p_jobs[i] AND phase + 0 = 1 AND epoch = p_epochs[i] AND (expires IS NULL OR expires > v_now);
            a.ord := i - 1;
            a.status := CASE WHEN NOT FOUND THEN 'l' WHEN o.cancel THEN 'c' ELSE 'h' END;
            IF FOUND AND o.expires IS NOT NULL THEN
                UPDATE martlet.live SET expires = martlet.later(v_now, p_ttl), alarm = martlet.later(v_now, p_ttl) WHERE id = o.id;
            END IF;
            RETURN NEXT a;
        END LOOP;
    END IF;
    a.ord := NULL;
    a.status := 's';
    FOR a.other, a.number IN
        SELECT id, epoch FROM martlet.live WHERE phase = 1 AND cancel AND node = p_node AND expires IS NULL ORDER BY id
    LOOP
        RETURN NEXT a;
    END LOOP;
    a.status := 'n';
    FOR a.word IN SELECT name FROM martlet.nodes ORDER BY name LOOP RETURN NEXT a; END LOOP;
END $$
