-- What programs in other languages call.
--
-- martlet.enqueue takes in one job inside the caller's own transaction: the job exists if and only if that commits, and workers hear of it then.
--
--     SELECT * FROM martlet.enqueue('send-welcome', '{"user": 7}');
--     SELECT job FROM martlet.enqueue('report', '{}', queue => 'slow', delay => '5 minutes', key => 'report/7', labels => '{"team": "a"}');
--
-- It answers the job that now stands for the one that was asked for; `duplicate` where its key or id belonged to that job already, `replaced`
-- where that job took over the new content. A refusal is an exception: MRT10 a value that no store takes, MRT11 a value over its limit,
-- MRT12 the queue is full (its detail says when to try again), MRT13 the key is taken, MRT14 the id is taken.
-- In a transaction of READ COMMITTED, which is the default; in a stricter one it may fail with 40001, as any statement there may.
-- A queue with a high-water mark, and a key, are locked until the transaction ends: keep it short.
CREATE FUNCTION martlet.enqueue(
    kind text, payload jsonb DEFAULT '{}', queue text DEFAULT 'default', tenant text DEFAULT '', priority int DEFAULT 2,
    delay interval DEFAULT '0 seconds', due_at timestamptz DEFAULT NULL, key text DEFAULT NULL, key_scope text DEFAULT 'until_finished',
    key_window interval DEFAULT NULL, on_conflict text DEFAULT 'return_existing', timeout interval DEFAULT NULL,
    queue_timeout interval DEFAULT NULL, max_attempts int DEFAULT 20, labels jsonb DEFAULT NULL, id uuid DEFAULT NULL,
    OUT job uuid, OUT duplicate boolean, OUT replaced boolean
)
LANGUAGE plpgsql SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := clock_timestamp();
    v_fault text;
    v_depth bigint;
    d martlet.new_job;
    a martlet.answer;
BEGIN
    v_fault := martlet.fault(kind, queue, tenant, priority, delay, key, key_scope, key_window, on_conflict, timeout, queue_timeout, max_attempts,
        labels);
    IF v_fault IS NOT NULL THEN RAISE EXCEPTION '%', v_fault USING ERRCODE = 'MRT10'; END IF;
    IF payload IS NULL THEN RAISE EXCEPTION 'payload must not be null' USING ERRCODE = 'MRT10'; END IF;
    IF octet_length(payload::text) > 1048576 THEN RAISE EXCEPTION 'payload is larger than the 1048576 bytes allowed' USING ERRCODE = 'MRT11'; END IF;
    IF octet_length(key) > 512 THEN RAISE EXCEPTION 'key is larger than the 512 bytes allowed' USING ERRCODE = 'MRT11'; END IF;
    d.id := coalesce(id, martlet.make_id(v_now));
    d.kind := kind; d.queue := queue; d.tenant := tenant; d.priority := priority; d.payload := payload::text; d.due := due_at;
    d.delay := martlet.microseconds(delay); d.key := key; d.max_attempts := max_attempts; d.labels := nullif(labels, '{}');
    d.timeout := martlet.microseconds(timeout); d.queue_timeout := martlet.microseconds(queue_timeout);
    IF key IS NOT NULL THEN
        d.key_scope := array_position(ARRAY['until_finished', 'forever', 'window'], key_scope) - 1;
        d.key_window := martlet.microseconds(key_window);
        d.key_conflict := array_position(ARRAY['return_existing', 'reject', 'replace'], on_conflict) - 1;
    END IF;
    SELECT depth INTO v_depth FROM martlet.lock_depths(
        (SELECT array_agg(q.name) FROM martlet.queues q WHERE q.name = d.queue AND q.high_water IS NOT NULL), v_now);
    IF key IS NOT NULL THEN PERFORM martlet.lock_keys(ARRAY[d.tenant], ARRAY[d.key]); END IF;
    a := martlet.accept(d, v_now, v_depth, false);
    CASE a.status
    WHEN 'q' THEN
        RAISE EXCEPTION 'queue % holds % jobs and refuses work of this priority', d.queue, v_depth
            USING ERRCODE = 'MRT12', DETAIL = format('Try again in %s s.', a.number);
    WHEN 'k' THEN RAISE EXCEPTION 'the key belongs to job %', a.other USING ERRCODE = 'MRT13';
    WHEN 'i' THEN RAISE EXCEPTION 'a job with the id % exists already', d.id USING ERRCODE = 'MRT14';
    ELSE
        job := coalesce((a.job).id, d.id);
        duplicate := a.status IN ('d', 'r');
        replaced := a.status = 'r';
        -- Whoever hears of it looks for it where it is, however late it is committed.
        PERFORM pg_notify(rtrim('martlet.', '.'), 'w' || (extract(epoch FROM least(due_at, v_now)) * 1000000)::bigint || '/sql');
    END CASE;
END $$
----
-- A new id of version 7 (RFC 9562).
CREATE FUNCTION martlet.make_id(p_now timestamptz) RETURNS uuid
LANGUAGE sql VOLATILE AS $$
    SELECT (lpad(to_hex(floor(extract(epoch FROM p_now) * 1000)::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid
$$
----
CREATE FUNCTION martlet.microseconds(p_span interval) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT (extract(epoch FROM p_span) * 1000000)::bigint $$
----
-- What is wrong with a job by itself (see `NewJob.fault`); null where nothing is.
CREATE FUNCTION martlet.fault(
    kind text, queue text, tenant text, priority int, delay interval, key text, key_scope text, key_window interval, on_conflict text,
    timeout interval, queue_timeout interval, max_attempts int, labels jsonb
) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN kind IS NULL OR kind = '' THEN 'kind must not be empty'
        WHEN queue IS NULL OR queue = '' THEN 'queue must not be empty'
        WHEN tenant IS NULL THEN 'tenant must not be null'
        WHEN octet_length(kind) > 255 OR octet_length(queue) > 255 OR octet_length(tenant) > 255
            THEN 'kind, queue and tenant must not be longer than 255 bytes'
        WHEN kind || queue || tenant ~ '[\x01-\x1f\x7f]' THEN 'kind, queue and tenant must not hold control characters'
        WHEN priority IS NULL OR priority NOT BETWEEN 0 AND 3 THEN 'priority must be from 0 to 3'
        WHEN max_attempts IS NULL OR max_attempts NOT BETWEEN 1 AND 1000 THEN 'max_attempts must be from 1 to 1000'
        WHEN delay IS NULL OR delay < interval '0' OR delay > interval '3660 days' THEN 'delay must be from zero to ten years'
        WHEN timeout <= interval '0' OR timeout > interval '3660 days' THEN 'timeout must be longer than zero and at most ten years'
        WHEN queue_timeout <= interval '0' OR queue_timeout > interval '3660 days' THEN 'queue_timeout must be longer than zero and at most ten years'
        WHEN key = '' THEN 'key must not be empty'
        WHEN key IS NOT NULL AND (key_scope IS NULL OR key_scope NOT IN ('until_finished', 'forever', 'window'))
            THEN 'key_scope must be until_finished, forever or window'
        WHEN key IS NOT NULL AND key_scope = 'window'
            AND (key_window IS NULL OR key_window <= interval '0' OR key_window > interval '3660 days')
            THEN 'key_window must be longer than zero and at most ten years'
        WHEN key IS NOT NULL AND (on_conflict IS NULL OR on_conflict NOT IN ('return_existing', 'reject', 'replace'))
            THEN 'on_conflict must be return_existing, reject or replace'
        WHEN labels IS NOT NULL AND jsonb_typeof(labels) <> 'object' THEN 'labels must be an object'
        WHEN (SELECT count(*) FROM jsonb_each(CASE jsonb_typeof(labels) WHEN 'object' THEN labels END)) > 32 THEN 'labels must not be more than 32'
        WHEN EXISTS (
            SELECT FROM jsonb_each(CASE jsonb_typeof(labels) WHEN 'object' THEN labels END) l(name, value)
            WHERE name = '' OR octet_length(name) > 255 OR jsonb_typeof(value) <> 'string' OR octet_length(value #>> '{}') > 255
                OR name || (value #>> '{}') ~ '[\x01-\x1f\x7f]')
            THEN 'labels must be names and texts of at most 255 bytes without control characters'
    END
$$
