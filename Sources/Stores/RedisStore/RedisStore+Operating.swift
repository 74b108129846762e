import MartletCore

/// Triggers, queues, buckets and retention.
extension RedisStore {
    /// Jobs removed in one call, so that nobody else waits long behind it.
    private static let pruneChunk = 200
    private static let putTriesMax = 100

    public func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? {
        try Self.check(name, "trigger")
        for _ in 0..<Self.putTriesMax {
            let stored = try await caller.call(.trigger) { $0.add(name) }.buffer
            let old = try stored.map { buffer throws(StoreError) in try TriggerState(name, buffer) }
            let packed = Self.pack(trigger, named: name, replacing: old)
            if case .done(_, let answer) = try await caller.change(.put, { $0.add(packed) }) {
                guard trigger != nil else { return nil }
                guard let made = answer.elements?.first?.buffer else { throw .unreadable }
                return try TriggerState(name, made)
            }
            // Somebody else has changed it in between.
        }
        throw .unavailable(reason: "the trigger keeps changing", mayHaveHappened: false)
    }

    /// Name, the revision that is there, whether its slots stay, whether it is paused, overlap, topic, the trigger.
    private static func pack(_ trigger: Trigger?, named name: String, replacing old: TriggerState?) -> [UInt8] {
        var writer = PackWriter(capacity: 256)
        writer.add(name)
        writer.add(old?.revision ?? 0)
        guard let trigger else { return writer.bytes }
        writer.add(old?.trigger.schedule == trigger.schedule)
        writer.add(trigger.isPaused)
        writer.add(trigger.overlap.rawValue)
        if case .topic(let stream, _) = trigger.schedule { writer.add(stream) } else { writer.addNil() }
        writer.add(bytes: TriggerCoding.encode(trigger).utf8)
        guard let history = trigger.history else { return writer.bytes }
        writer.add(history.revision)
        writer.add(history.nextSlot)
        writer.add(history.lastSlot)
        writer.add(history.createdAt)
        return writer.bytes
    }

    public func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult {
        var jobs: [NewJob] = []
        for firing in plan.firing {
            var job = firing.job
            job.history = nil
            job.trigger = plan.trigger
            if job.key == nil { job.key = IdempotencyKey("\(plan.trigger)@\(firing.slot)", scope: .window(.seconds(86_400))) }
            jobs.append(job)
        }
        let head = Self.pack(plan)
        let packed = jobs.map { JobCoding($0.fault == nil ? $0 : NewJob(id: $0.id, kind: "", payload: .null)) }
        let transition = try await caller.change(.fire, capacity: packed.reduce(head.count) { $0 + $1.byteCount }) { command in
            command.add(head)
            for job in packed { job.add(to: &command) }
        }
        switch transition {
        case .done(_, let answer):
            guard let parts = answer.elements, parts.count == 2, let answers = parts[1].elements, answers.count == jobs.count else {
                throw .unreadable
            }
            var made: [Enqueued?] = []
            for (job, answer) in zip(jobs, answers) { made.append(try Self.fired(answer, job)) }
            return .fired(made)
        case .refused("early", let parts): return .early(by: .microseconds(parts.first?.int ?? 0))
        case .refused("stale", _): return .stale
        case .refused: throw .notFound("trigger '\(plan.trigger)'")
        }
    }

    /// Name, revision, slot, next slot, last slot, the slots.
    private static func pack(_ plan: FirePlan) -> [UInt8] {
        var writer = PackWriter(capacity: 128)
        writer.add(plan.trigger)
        writer.add(plan.revision)
        writer.add(plan.slot)
        writer.add(plan.next)
        writer.add(plan.firing.last?.slot)
        writer.addArray(plan.firing.count)
        for firing in plan.firing { writer.add(firing.slot) }
        return writer.bytes
    }

    private static func fired(_ answer: RESPValue, _ job: NewJob) throws(StoreError) -> Enqueued? {
        switch answer.elements?.first?.int {
        case -1: return nil
        case -2: return job.fault.map(Enqueued.refused)
        default: return try EnqueueReading.decode(answer, job)
        }
    }

    public func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState {
        try Self.check(queue, "queue")
        switch change {
        case .policy(let policy):
            if let fault = policy.fault { throw fault }
            return try OverviewReading.queue(
                try await caller.answer(.policy) { command in
                    command.add(queue)
                    command.add(PolicyCoding.encode(policy))
                })
        case .paused(let isPaused):
            return try OverviewReading.queue(
                try await caller.answer(.pause) { command in
                    command.add(queue)
                    command.add(isPaused ? "1" : "0")
                })
        }
    }

    public func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult {
        if let fault = rate.fault { throw fault }
        guard (0...rate.burst).contains(count) else { throw .invalid(field: "count", reason: "must be from 0 to the burst of the rate") }
        var writer = PackWriter()
        writer.add(bucket)
        writer.add(count)
        writer.add(PolicyCoding.interval(rate))
        writer.add(rate.burst)
        guard let delay = try await caller.answer(.take, { $0.add(writer.bytes) }).elements?.first?.int else { throw .unreadable }
        return delay == 0 ? .taken : .wait(.microseconds(delay))
    }

    public func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult {
        let limit = max(0, limit)
        var result = PruneResult(jobs: 0, events: 0, hasMore: false)
        repeat {
            let chunk = min(limit - result.jobs, Self.pruneChunk)
            let (removed, hasMore) = try Self.pruned(try await caller.answer(.pruneJobs) { $0.add(chunk) })
            result.jobs += removed
            result.hasMore = hasMore
        } while result.hasMore && result.jobs < limit
        var writer = PackWriter()
        writer.add(min(limit, Limits.batch))
        writer.add(eventRetention)
        let (removed, hasMore) = try Self.pruned(try await caller.answer(.pruneRest) { $0.add(writer.bytes) })
        result.events = removed
        result.hasMore = result.hasMore || hasMore
        return result
    }

    private static func pruned(_ answer: RESPValue) throws(StoreError) -> (removed: Int, hasMore: Bool) {
        guard let parts = answer.elements, parts.count == 2, let removed = parts[0].int, let more = parts[1].int else { throw .unreadable }
        return (removed, more == 1)
    }

    private static func check(_ name: String, _ field: String) throws(StoreError) {
        if name.isEmpty { throw .invalid(field: field, reason: "must not be empty") }
        if let reason = NewJob.nameFault(name) { throw .invalid(field: field, reason: reason) }
    }
}
