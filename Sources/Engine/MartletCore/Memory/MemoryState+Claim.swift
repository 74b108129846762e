extension MemoryState {
    /// One queue that has something for a claim.
    private struct Contest {
        var queue: String
        var earliest: Timestamp
        var capacity: Int
    }

    mutating func claim(_ plan: ClaimPlan, at now: Timestamp) -> Claimed {
        sweep(at: now)
        let kinds = plan.kinds.map(Set.init)
        var contests = contests(plan, kinds, at: now)
        var taken: [JobID] = []
        for share in [max(1, plan.limit / max(1, contests.count)), plan.limit] {
            for index in contests.indices {
                let capacity = min(contests[index].capacity, share, plan.limit - taken.count)
                guard capacity > 0 else { continue }
                let served = serve(contests[index].queue, capacity, plan, kinds, at: now)
                contests[index].capacity -= served.count
                taken += served
            }
        }
        if plan.sharesLiveness, !taken.isEmpty { extendNode(plan.node, to: now + plan.ttl) }
        return Claimed(
            jobs: taken.compactMap { jobs[$0].map { ClaimedJob(job: $0.record, steps: $0.steps) } },
            nextDue: nextDue(plan, kinds, at: now),
            generation: plan.sharesLiveness ? nodes[plan.node]?.generation ?? 0 : 0)
    }

    // MARK: Between queues

    /// The queues that can hand something out, whoever has waited longest first.
    private func contests(_ plan: ClaimPlan, _ kinds: Set<String>?, at now: Timestamp) -> [Contest] {
        let names = plan.queues.map { Array($0.keys) } ?? Array(indexes.queues.keys)
        let found = names.compactMap { name -> Contest? in
            guard let queue = queues[name], !queue.isPaused, let earliest = heads(of: name, kinds).min(), earliest <= now else { return nil }
            let capacity = capacity(of: name, queue, demand: plan.queues?[name], at: now)
            return capacity > 0 ? Contest(queue: name, earliest: earliest, capacity: capacity) : nil
        }
        return found.sorted { ($0.earliest, $0.queue) < ($1.earliest, $1.queue) }
    }

    private func capacity(of name: String, _ queue: MemoryQueue, demand: Int?, at now: Timestamp) -> Int {
        let running = indexes.queues[name]?.counts.running ?? 0
        let room = queue.policy.concurrency.map { $0 - running } ?? .max
        let tokens = queue.policy.rate.map { queue.rate.available($0, at: now) } ?? .max
        return min(demand ?? .max, room, tokens)
    }

    /// The first due time of each lane of known kinds.
    private func heads(of queue: String, _ kinds: Set<String>?) -> some Sequence<Timestamp> {
        (indexes.queues[queue]?.lanes ?? [:]).lazy.filter { kinds?.contains($0.key.kind) ?? true }.compactMap { $0.value.first?.at }
    }

    // MARK: Inside a queue

    private mutating func serve(_ name: String, _ capacity: Int, _ plan: ClaimPlan, _ kinds: Set<String>?, at now: Timestamp) -> [JobID] {
        guard let queue = queues[name] else { return [] }
        var contenders = contenders(in: name, queue, capacity, plan.node, kinds, at: now)
        var share = FairShare(virtualTime: queue.virtualTime)
        let order = share.allot(capacity, among: &contenders)
        changeQueue(name) { queue in
            queue.virtualTime = share.virtualTime
            for contender in contenders { queue.turns[contender.tenant] = contender.turn }
        }
        var taken: [JobID] = []
        for index in order {
            guard let id = firstDue(in: name, contenders[index].tenant, plan.node, kinds, at: now) else { continue }
            start(id, in: name, plan, at: now)
            taken.append(id)
        }
        return taken
    }

    private func contenders(
        in name: String, _ queue: MemoryQueue, _ capacity: Int, _ node: NodeID, _ kinds: Set<String>?, at now: Timestamp
    ) -> [FairShare.Contender] {
        var supplies: [String: Int] = [:]
        for (lane, due) in indexes.queues[name]?.lanes ?? [:] where kinds?.contains(lane.kind) ?? true {
            let supply = due.lazy.prefix { $0.at <= now }.filter { isTakeable($0.id, by: node) }.prefix(capacity).count { _ in true }
            if supply > 0 { supplies[lane.tenant, default: 0] += supply }
        }
        return supplies.sorted { $0.key < $1.key }.map { tenant, supply in
            let running = indexes.queues[name]?.runningByTenant[tenant] ?? 0
            let room = queue.policy.perTenant.map { max(0, $0 - running) } ?? .max
            return FairShare.Contender(tenant: tenant, turn: queue.turns[tenant] ?? 0, supply: min(supply, room))
        }
    }

    /// The due job of a tenant that the node may have and that ranks first, then the one with the smaller id.
    private func firstDue(in queue: String, _ tenant: String, _ node: NodeID, _ kinds: Set<String>?, at now: Timestamp) -> JobID? {
        var best: (rank: Int64, id: JobID)?
        for (lane, due) in indexes.queues[queue]?.lanes ?? [:] where lane.tenant == tenant && kinds?.contains(lane.kind) ?? true {
            guard let first = due.first(where: { $0.at > now || isTakeable($0.id, by: node) }), first.at <= now else { continue }
            let rank = lane.priority.rank(dueAt: first.at)
            if best.map({ (rank, first.id) < $0 }) ?? true { best = (rank, first.id) }
        }
        return best?.id
    }

    /// A node runs one suspect at a time.
    private func isTakeable(_ id: JobID, by node: NodeID) -> Bool {
        (indexes.nodes[node]?.suspects ?? 0) == 0 || jobs[id]?.record.isSuspect == false
    }

    private mutating func start(_ id: JobID, in name: String, _ plan: ClaimPlan, at now: Timestamp) {
        update(id) { job in
            job.record.phase = .running
            job.record.epoch += 1
            job.record.attempt += 1
            job.record.node = plan.node
            job.record.startedAt = now
            job.record.isCancelRequested = false
            job.leaseExpiry = plan.sharesLiveness ? nil : now + plan.ttl
        }
        changeQueue(name) { queue in
            if let rate = queue.policy.rate { queue.rate.take(1, rate, at: now) }
        }
        guard let policy = queues[name]?.policy, let index = indexes.queues[name], let tenant = jobs[id]?.record.tenant else { return }
        precondition(index.counts.running <= policy.concurrency ?? .max, "invariant 7: running is at most the queue's limit")
        precondition(index.runningByTenant[tenant] ?? 0 <= policy.perTenant ?? .max, "invariant 7: running is at most the tenant's limit")
    }

    // MARK: What comes next

    private func nextDue(_ plan: ClaimPlan, _ kinds: Set<String>?, at now: Timestamp) -> Duration? {
        var delays: [Duration] = []
        for name in plan.queues.map({ Array($0.keys) }) ?? Array(indexes.queues.keys) {
            guard let queue = queues[name], !queue.isPaused else { continue }
            for (lane, due) in indexes.queues[name]?.lanes ?? [:] where kinds?.contains(lane.kind) ?? true {
                let later = due.lowerBound(of: TimedID(at: Timestamp(microseconds: now.microseconds + 1), id: JobID(high: 0, low: 0)))
                if later != due.endIndex { delays.append(due[later].at - now) }
                if later != due.startIndex, let rate = queue.policy.rate {
                    let wait = queue.rate.delay(until: 1, rate, at: now)
                    if wait > .zero { delays.append(wait) }
                }
            }
        }
        let holders = nodes.filter { indexes.nodes[$0.key]?.sharing.isEmpty == false }.map(\.value.expiresAt)
        let expiries = holders + [indexes.leases.first?.at, indexes.queueTimeouts.first?.at, indexes.deadlines.first?.at].compactMap { $0 }
        delays += expiries.map { max(.zero, $0 - now) }
        return delays.min()
    }
}
