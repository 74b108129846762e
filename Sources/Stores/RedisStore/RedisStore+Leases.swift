import MartletCore

extension RedisStore {
    /// The most jobs that one claim hands out, so that no function keeps Redis busy for long; who asks for more asks again.
    private static let claimMax = 500

    public func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed {
        let answer = try await caller.answer(.claim) { $0.add(Self.pack(plan)) }
        guard let parts = answer.elements, parts.count == 2, let summary = parts[0].buffer else { throw .unreadable }
        var reader = PackReader(summary)
        let generation = try reader.int()
        let nextDue = try reader.optionalDuration()
        let jobs = try JobReading.details(parts[1]).map { ClaimedJob(job: $0.job, steps: $0.steps) }
        return Claimed(jobs: jobs, nextDue: nextDue, generation: generation)
    }

    /// Node, limit, ttl, whether the jobs live by the node's row, kinds, queues.
    private static func pack(_ plan: ClaimPlan) -> [UInt8] {
        var writer = PackWriter(capacity: 128)
        writer.add(plan.node.name)
        writer.add(min(max(0, plan.limit), claimMax))
        writer.add(plan.ttl)
        writer.add(plan.sharesLiveness)
        if let kinds = plan.kinds {
            writer.addArray(kinds.count)
            for kind in kinds { writer.add(kind) }
        } else {
            writer.addNil()
        }
        if let queues = plan.queues {
            writer.addMap(queues.count)
            for (queue, demand) in queues {
                writer.add(queue)
                writer.add(min(demand, claimMax))
            }
        } else {
            writer.addNil()
        }
        return writer.bytes
    }

    public func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal {
        var writer = PackWriter(capacity: 64 + 24 * heartbeat.leases.count)
        writer.add(heartbeat.node.name)
        writer.add(heartbeat.ttl)
        writer.add(heartbeat.isLast)
        writer.addArray(heartbeat.departed.count)
        for node in heartbeat.departed { writer.add(node.name) }
        writer.addArray(heartbeat.leases.count)
        for lease in heartbeat.leases {
            writer.addArray(2)
            writer.add(lease.job)
            writer.add(lease.epoch)
        }
        let answer = try await caller.answer(.renew, capacity: writer.bytes.count) { $0.add(writer.bytes) }
        guard let parts = answer.elements, parts.count == 4, let generation = parts[0].int, let states = parts[1].elements,
            let cancelled = parts[2].elements, let nodes = parts[3].elements
        else { throw .unreadable }
        var renewal = Renewal(generation: generation, leases: [], cancelRequested: [], nodes: [])
        for state in states { renewal.leases.append(try Self.leaseState(state)) }
        for packed in cancelled {
            guard let packed = packed.buffer else { throw .unreadable }
            var reader = PackReader(packed)
            renewal.cancelRequested.append(Lease(job: try reader.id(), epoch: try reader.int()))
        }
        renewal.cancelRequested.sort { $0.job < $1.job }
        renewal.nodes = nodes.compactMap(\.string).map { NodeID($0) }.sorted()
        return renewal
    }

    private static func leaseState(_ state: RESPValue) throws(StoreError) -> Renewal.LeaseState {
        switch state.int {
        case 0: return .held
        case 1: return .cancelRequested
        case 2: return .lost
        default: throw .unreadable
        }
    }

    public func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult {
        guard ttl > .zero else { throw .invalid(field: "ttl", reason: "must be longer than zero") }
        var writer = PackWriter()
        writer.add(name)
        writer.add(owner)
        writer.add(ttl)
        let answer = try await caller.answer(.acquire) { $0.add(writer.bytes) }
        guard let parts = answer.elements, parts.count >= 2 else { throw .unreadable }
        if parts[0].string == "granted", let epoch = parts[1].int { return .granted(epoch: epoch) }
        guard parts.count == 3, let owner = parts[1].string, let rest = parts[2].int else { throw .unreadable }
        return .held(by: owner, expiresIn: .microseconds(rest))
    }

    public func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool {
        var writer = PackWriter()
        writer.add(name)
        writer.add(epoch)
        return try await caller.answer(.release) { $0.add(writer.bytes) }.elements?.first?.int == 1
    }
}
