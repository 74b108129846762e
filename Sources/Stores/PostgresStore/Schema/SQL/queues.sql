-- Creates or changes a queue: a policy where `p_retention` is given, else the pause.
CREATE FUNCTION martlet.set_queue(
    p_queue text, p_paused boolean, p_concurrency bigint, p_per_tenant bigint, p_rate_count bigint, p_rate_per bigint, p_rate_burst bigint,
    p_high_water bigint, p_low_water bigint, p_retention bigint
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO martlet.queues (name) VALUES (p_queue) ON CONFLICT DO NOTHING;
    IF p_retention IS NULL THEN
        UPDATE martlet.queues SET paused = p_paused WHERE name = p_queue;
    ELSE
        UPDATE martlet.queues SET concurrency = p_concurrency, per_tenant = p_per_tenant, rate_count = p_rate_count, rate_per = p_rate_per,
            rate_burst = p_rate_burst, high_water = p_high_water, low_water = p_low_water, retention = p_retention,
            refused_from = CASE WHEN p_high_water IS NULL THEN 4 ELSE refused_from END
        WHERE name = p_queue;
    END IF;
END $$
----
-- How many jobs of each lane stand where, the deltas included.
CREATE VIEW martlet.counts AS
SELECT l.id AS lane, l.queue, l.kind, l.tenant, coalesce(sum(c.ready), 0)::bigint AS ready, coalesce(sum(c.running), 0)::bigint AS running,
    coalesce(sum(c.waiting), 0)::bigint AS waiting, coalesce(sum(c.succeeded), 0)::bigint AS succeeded,
    coalesce(sum(c.failed), 0)::bigint AS failed, coalesce(sum(c.cancelled), 0)::bigint AS cancelled
FROM martlet.lanes l LEFT JOIN (
    SELECT lane, ready, running, waiting, succeeded, failed, cancelled FROM martlet.tallies
    UNION ALL
    SELECT lane, ready, running, waiting, succeeded, failed, cancelled FROM martlet.deltas
) c ON c.lane = l.id
GROUP BY l.id, l.queue, l.kind, l.tenant
----
-- Takes from a bucket: the microseconds to wait, 0 where they were taken; and the time.
CREATE FUNCTION martlet.take(
    p_bucket text, p_cells bigint, p_count bigint, p_per bigint, p_burst bigint, p_now timestamptz, p_floor timestamptz,
    OUT wait bigint, OUT now timestamptz
)
LANGUAGE plpgsql AS $$
DECLARE v_arrival bigint;
BEGIN
    now := martlet.clock(p_now, p_floor);
    LOOP
        SELECT arrival INTO v_arrival FROM martlet.buckets WHERE name = p_bucket FOR UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO martlet.buckets (name, arrival) VALUES (p_bucket, 0) ON CONFLICT DO NOTHING;
    END LOOP;
    wait := greatest(0, martlet.cells_missing(p_cells, p_count, p_per, p_burst, v_arrival, now));
    IF wait = 0 THEN
        UPDATE martlet.buckets
        SET arrival = greatest(v_arrival, martlet.nanoseconds(now)) + greatest(1, (p_per * 1000 + p_count - 1) / p_count) * p_cells
        WHERE name = p_bucket;
    END IF;
    wait := (wait + 999) / 1000;
END $$
----
-- Acquires or extends a named lease: its epoch where it was granted, else the owner and the microseconds it has left.
CREATE FUNCTION martlet.acquire(
    p_name text, p_owner text, p_ttl bigint, p_now timestamptz, p_floor timestamptz,
    OUT granted bigint, OUT holder text, OUT remaining bigint, OUT now timestamptz
)
LANGUAGE plpgsql AS $$
DECLARE r martlet.leases;
BEGIN
    now := martlet.clock(p_now, p_floor);
    LOOP
        SELECT * INTO r FROM martlet.leases WHERE name = p_name FOR UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO martlet.leases (name, epoch, owner, expires) VALUES (p_name, 0, '', '-infinity') ON CONFLICT DO NOTHING;
    END LOOP;
    -- Whoever waited for the row sees the time after the wait.
    now := greatest(now, martlet.clock(p_now, p_floor));
    IF r.expires > now AND r.owner <> p_owner THEN
        holder := r.owner;
        remaining := (extract(epoch FROM r.expires - now) * 1000000)::bigint;
        RETURN;
    END IF;
    granted := CASE WHEN r.expires > now THEN r.epoch ELSE r.epoch + 1 END;
    UPDATE martlet.leases SET epoch = granted, owner = p_owner, expires = martlet.later(now, p_ttl) WHERE name = p_name;
END $$
----
CREATE FUNCTION martlet.release(
    p_name text, p_epoch bigint, p_now timestamptz, p_floor timestamptz, OUT released boolean, OUT now timestamptz
)
LANGUAGE plpgsql AS $$
BEGIN
    now := martlet.clock(p_now, p_floor);
    UPDATE martlet.leases SET expires = now WHERE name = p_name AND epoch = p_epoch AND expires > now;
    released := FOUND;
END $$
----
-- The lanes in which a ready job is due before the mark that a claim begins its search at, in the span before that; and lane 0 where an alarm
-- is before the mark that a sweep begins its search at.
CREATE FUNCTION martlet.late(p_lanes bigint[], p_classes bigint[], p_dues timestamptz[], p_alarms timestamptz, p_span interval)
RETURNS TABLE (lane bigint, class bigint)
LANGUAGE sql STABLE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
    SELECT m.lane, m.class FROM unnest(p_lanes, p_classes, p_dues) m(lane, class, due) CROSS JOIN LATERAL (
        SELECT FROM martlet.live j WHERE j.phase = 0 AND j.lane = m.lane AND j.class = m.class AND j.due >= m.due - p_span AND j.due < m.due
        ORDER BY j.due LIMIT 1) late
    UNION ALL
    SELECT 0, 0 WHERE (SELECT alarm FROM martlet.live WHERE phase = 1 AND alarm >= p_alarms - p_span AND alarm < p_alarms ORDER BY alarm LIMIT 1)
        IS NOT NULL
        OR (SELECT alarm FROM martlet.live WHERE phase <> 1 AND alarm >= p_alarms - p_span AND alarm < p_alarms ORDER BY alarm LIMIT 1) IS NOT NULL
$$
