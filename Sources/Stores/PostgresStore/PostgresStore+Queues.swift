import Database
import MartletCore

/// Queues, buckets and named leases.
extension PostgresStore {
    public func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState {
        if queue.isEmpty { throw .invalid(field: "queue", reason: "must not be empty") }
        if let reason = NewJob.nameFault(queue) { throw .invalid(field: "queue", reason: reason) }
        var isPaused: Bool?
        var policy: QueuePolicy?
        switch change {
        case .policy(let wanted):
            if let fault = wanted.fault { throw fault }
            policy = wanted
        case .paused(let wanted): isPaused = wanted
        }
        let statements: [SQL] = [
            """
            SELECT \(schema)set_queue(\(queue), \(isPaused), \(policy?.concurrency), \(policy?.perTenant), \(policy?.rate?.count), \
            \(policy?.rate?.per.microseconds), \(policy?.rate?.burst), \(policy?.highWater), \(policy?.lowWater), \
            \(policy?.retention.microseconds))
            """,
            PostgresStore.uncompiled, QueueColumns.query(schema, where: "q.name = \(queue)"),
        ]
        do {
            let states = try await database.run { try $0.batch(statements)[2].map { try QueueColumns($0).state() } }
            guard let state = states.first else { throw StoreError.unknownRow }
            hints.changed(work: true)
            return state
        } catch {
            throw StoreError(error)
        }
    }

    public func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult {
        if let fault = rate.fault { throw fault }
        guard (0...rate.burst).contains(count) else { throw .invalid(field: "count", reason: "must be from 0 to the burst of the rate") }
        let (wait, now) = try await call(
            """
            SELECT wait, now FROM \(schema)take(\(bucket.storable), \(count), \(rate.count), \(rate.per.microseconds), \(rate.burst), \
            \(time.argument))
            """
        ) { answer in
            guard let row = answer.first else { throw StoreError.unknownRow }
            return (try row.int64(0), try row.timestamp(1))
        }
        time.saw(now)
        return wait == 0 ? .taken : .wait(.microseconds(wait))
    }

    public func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult {
        guard ttl > .zero else { throw .invalid(field: "ttl", reason: "must be longer than zero") }
        let (result, now) = try await call(
            """
            SELECT granted, holder, remaining, now FROM \(schema)acquire(\(name.storable), \(owner.storable), \(ttl.microseconds), \
            \(time.argument))
            """
        ) { answer in
            guard let row = answer.first else { throw StoreError.unknownRow }
            let now = try row.timestamp(3)
            if let epoch = try row.optionalInt(0) { return (AcquireResult.granted(epoch: epoch), now) }
            return (AcquireResult.held(by: String(stored: try row.text(1)), expiresIn: .microseconds(try row.int64(2))), now)
        }
        time.saw(now)
        return result
    }

    public func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool {
        let (isReleased, now) = try await call(
            "SELECT released, now FROM \(schema)release(\(name.storable), \(epoch), \(time.argument))"
        ) { answer in
            guard let row = answer.first else { throw StoreError.unknownRow }
            return (try row.bool(0), try row.timestamp(1))
        }
        time.saw(now)
        return isReleased
    }
}
