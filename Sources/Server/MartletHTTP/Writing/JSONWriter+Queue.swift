import MartletCore

extension JSONWriter {
    mutating func queue(_ queue: QueueState) {
        beginObject()
        member("name", queue.name)
        member("paused", queue.isPaused)
        member("concurrency", queue.policy.concurrency)
        member("per_tenant", queue.policy.perTenant)
        name("rate")
        if let rate = queue.policy.rate {
            beginObject()
            member("count", rate.count)
            member("per", rate.per)
            member("burst", rate.burst)
            endObject()
        } else {
            null()
        }
        member("high_water", queue.policy.highWater)
        member("low_water", queue.policy.lowWater)
        member("retention", queue.policy.retention)
        counts(queue.counts)
        endObject()
    }

    mutating func counts(_ counts: Counts) {
        name("counts")
        beginObject()
        member("ready", counts.ready)
        member("running", counts.running)
        member("waiting", counts.waiting)
        member("succeeded", counts.succeeded)
        member("failed", counts.failed)
        member("cancelled", counts.cancelled)
        endObject()
    }
}
