-- Everything that is known of one job: with the scope of its key (a window in microseconds, null once it has ended), and the last number of its
-- stream. A function, because its statements keep their plans: planning over every day of the finished jobs takes several times as long as the
-- look itself. It sees one snapshot, so that a job that is moved meanwhile is found on one side or the other.
CREATE FUNCTION martlet.detail_of(
    p_job uuid, p_now timestamptz, p_floor timestamptz,
    OUT steps text, OUT scope int, OUT key_window bigint, OUT last_event bigint, OUT job martlet.jobs
) RETURNS SETOF record
LANGUAGE plpgsql STABLE ROWS 1 SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    SELECT j.* INTO job FROM martlet.live_jobs j WHERE j.id = p_job;
    IF NOT FOUND THEN
        SELECT j.* INTO job FROM martlet.finished_jobs j WHERE j.id = p_job;
        IF NOT FOUND THEN RETURN; END IF;
    END IF;
    IF job.has_steps THEN steps := martlet.steps_of(p_job); END IF;
    IF job.key IS NOT NULL THEN
        SELECT l.key_scope INTO scope FROM martlet.live l WHERE l.id = p_job;
        IF NOT FOUND THEN SELECT f.key_scope INTO scope FROM martlet.finished f WHERE f.id = p_job; END IF;
        SELECT (extract(epoch FROM k.expires - job.created) * 1000000)::bigint INTO key_window FROM martlet.keys k
        WHERE k.tenant = job.tenant AND k.name = job.key AND k.job = p_job AND k.expires > martlet.clock(p_now, p_floor);
    END IF;
    SELECT greatest(s.pruned, (SELECT max(e.seq) FROM martlet.events e WHERE e.stream = s.id)) INTO last_event
    FROM martlet.streams s WHERE s.name = 'job/' || p_job;
    RETURN NEXT;
END
$$
