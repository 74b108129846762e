import Database
import MartletCore

extension Transition {
    private static let bucket = Query("SELECT arrival FROM buckets WHERE name = ?")
    private static let saveBucket = Query("INSERT OR REPLACE INTO buckets (name, arrival) VALUES (?, ?)")
    private static let lease = Query("SELECT owner, epoch, expires FROM leases WHERE name = ?")
    private static let saveLease = Query("INSERT OR REPLACE INTO leases (name, owner, epoch, expires) VALUES (?, ?, ?, ?)")
    private static let releaseLease = Query("UPDATE leases SET expires = ?1 WHERE name = ?2 AND epoch = ?3 AND expires > ?1")

    func set(_ name: String, _ change: QueueChange) throws -> QueueState {
        if name.isEmpty { throw StoreError.invalid(field: "queue", reason: "must not be empty") }
        if let reason = NewJob.nameFault(name) { throw StoreError.invalid(field: "queue", reason: reason) }
        if case .policy(let policy) = change, let fault = policy.fault { throw fault }
        let queue = try self.queue(named: name)
        ledger.queues.change(queue.id) { queue in
            switch change {
            case .policy(let policy):
                queue.policy = policy
                if policy.highWater == nil { queue.admission = Admission() }
            case .paused(let isPaused): queue.isPaused = isPaused
            }
        }
        touchWork()
        return ledger.queues[queue.id]?.state ?? queue.state
    }

    func take(_ count: Int, from bucket: String, _ rate: Rate) throws -> TakeResult {
        if let fault = rate.fault { throw fault }
        guard (0...rate.burst).contains(count) else {
            throw StoreError.invalid(field: "count", reason: "must be from 0 to the burst of the rate")
        }
        let stored = try connection.prepare(Self.bucket).bind(bucket).first { CellRate(theoreticalArrival: $0.int64(0)) }
        var cells = stored ?? CellRate()
        let delay = cells.delay(until: count, rate, at: now)
        guard delay == .zero else { return .wait(delay) }
        cells.take(count, rate, at: now)
        try connection.prepare(Self.saveBucket).bind(bucket).bind(cells.theoreticalArrival).run()
        return .taken
    }

    func acquire(_ name: String, owner: String, for ttl: Duration) throws -> AcquireResult {
        guard ttl > .zero else { throw StoreError.invalid(field: "ttl", reason: "must be longer than zero") }
        let old = try connection.prepare(Self.lease).bind(name).first { (owner: $0.text(0), epoch: $0.int(1), expiresAt: $0.time(2)) }
        var epoch = 1
        if let old {
            let isHeld = old.expiresAt > now
            if isHeld, old.owner != owner { return .held(by: old.owner, expiresIn: old.expiresAt - now) }
            epoch = isHeld ? old.epoch : old.epoch + 1
        }
        try connection.prepare(Self.saveLease).bind(name).bind(owner).bind(epoch).bind(now + ttl).run()
        return .granted(epoch: epoch)
    }

    func release(_ name: String, epoch: Int) throws -> Bool {
        try connection.prepare(Self.releaseLease).bind(now).bind(name).bind(epoch).run()
        return connection.changes > 0
    }
}
