extension MemoryState {
    mutating func set(_ queue: String, _ change: QueueChange) throws(StoreError) -> QueueState {
        if queue.isEmpty { throw .invalid(field: "queue", reason: "must not be empty") }
        if let reason = NewJob.nameFault(queue) { throw .invalid(field: "queue", reason: reason) }
        switch change {
        case .policy(let policy):
            if let fault = policy.fault { throw fault }
            changeQueue(queue) { queue in
                queue.policy = policy
                if policy.highWater == nil { queue.admission = Admission() }
            }
        case .paused(let isPaused):
            changeQueue(queue) { $0.isPaused = isPaused }
        }
        changes.work = true
        return queueState(queue)
    }

    func queueState(_ name: String) -> QueueState {
        let queue = queues[name] ?? MemoryQueue()
        return QueueState(name: name, policy: queue.policy, isPaused: queue.isPaused, counts: indexes.queues[name]?.counts ?? Counts())
    }

    mutating func take(_ count: Int, from bucket: String, _ rate: Rate, at now: Timestamp) throws(StoreError) -> TakeResult {
        if let fault = rate.fault { throw fault }
        guard (0...rate.burst).contains(count) else { throw .invalid(field: "count", reason: "must be from 0 to the burst of the rate") }
        var cells = buckets[bucket] ?? CellRate()
        let delay = cells.delay(until: count, rate, at: now)
        guard delay == .zero else { return .wait(delay) }
        cells.take(count, rate, at: now)
        buckets[bucket] = cells
        return .taken
    }

    mutating func acquire(_ name: String, owner: String, for ttl: Duration, at now: Timestamp) throws(StoreError) -> AcquireResult {
        guard ttl > .zero else { throw .invalid(field: "ttl", reason: "must be longer than zero") }
        let old = namedLeases[name]
        if let old, old.isHeld(at: now), old.owner != owner { return .held(by: old.owner, expiresIn: old.expiresAt - now) }
        let epoch = old.map { $0.isHeld(at: now) ? $0.epoch : $0.epoch + 1 } ?? 1
        precondition(epoch >= old?.epoch ?? 1, "invariant 1: epochs strictly grow")
        namedLeases[name] = MemoryNamedLease(epoch: epoch, owner: owner, expiresAt: now + ttl)
        return .granted(epoch: epoch)
    }

    mutating func release(_ name: String, epoch: Int, at now: Timestamp) -> Bool {
        guard let lease = namedLeases[name], lease.isHeld(at: now), lease.epoch == epoch else { return false }
        namedLeases[name]?.expiresAt = now
        return true
    }
}
