import Database
import MartletCore

extension Transition {
    /// One queue that has something for a claim.
    private struct Contest {
        var queue: QueueEntry
        var kinds: [KindEntry]
        var earliest: Timestamp
        var capacity: Int
    }

    private static let sleepersMax = 1000
    private static let sleepers = Query(
        """
        SELECT \(laneColumns) FROM lanes INDEXED BY lanes_by_due WHERE kind = ? AND active = 0 AND next_due IS NOT NULL AND next_due <= ?
        ORDER BY next_due LIMIT \(sleepersMax)
        """)
    private static let earliestDue = Query(
        """
        SELECT next_due FROM lanes INDEXED BY lanes_by_due WHERE kind = ? AND active = 1 AND next_due IS NOT NULL ORDER BY next_due LIMIT 1
        """)

    func claim(_ plan: ClaimPlan) throws -> Claimed {
        try sweep()
        let queues = try demanded(plan)
        var claim = ClaimProgress(plan: plan, runsSuspect: try !idsMarked(.runningSuspect, plan.node.name).isEmpty)
        var contests = try contests(queues, plan)
        for share in [max(1, plan.limit / max(1, contests.count)), plan.limit] {
            for index in contests.indices {
                let capacity = min(contests[index].capacity, share, plan.limit - claim.taken.count)
                guard capacity > 0 else { continue }
                let before = claim.taken.count
                try serve(contests[index].queue.id, contests[index].kinds.map(\.id), capacity, &claim)
                contests[index].capacity -= claim.taken.count - before
            }
        }
        if plan.sharesLiveness, !claim.taken.isEmpty { try extendNode(plan.node, to: now + plan.ttl) }
        return Claimed(
            jobs: claim.taken, nextDue: try nextDue(queues),
            generation: plan.sharesLiveness ? ledger.nodes[plan.node]?.generation ?? 0 : 0)
    }

    /// The queues the plan asks for that are not paused, each with its kinds that the plan knows, all lanes with due jobs awake.
    private func demanded(_ plan: ClaimPlan) throws -> [(queue: QueueEntry, kinds: [Int64])] {
        let known = plan.kinds.map(Set.init)
        let queues = plan.queues.map { $0.keys.compactMap { ledger.queue(named: $0) } } ?? Array(ledger.queues.values)
        var demanded: [(QueueEntry, [Int64])] = []
        for queue in queues where !queue.isPaused {
            let kinds = queue.kinds.filter { id in known.map { known in ledger.kinds[id].map { known.contains($0.name) } ?? false } ?? true }
            if !kinds.isEmpty { demanded.append((queue, kinds)) }
        }
        try flush()
        for (_, kinds) in demanded {
            for id in kinds { try wakeLanes(of: id) }
        }
        try flush()
        return demanded
    }

    /// Marks the lanes whose first job has become due since they were last looked at.
    private func wakeLanes(of kind: Int64) throws {
        guard let entry = ledger.kinds[kind], entry.pending > entry.active else { return }
        for lane in try connection.prepare(Self.sleepers).bind(kind).bind(now).map(readLane).compactMap({ $0 }) {
            if ledger.lanes[lane.id] == nil { ledger.hold(lane) }
            ledger.lanes.change(lane.id) { _ in }
        }
    }

    // MARK: Between queues

    /// The queues that can hand something out, whoever has waited longest first.
    private func contests(_ demanded: [(queue: QueueEntry, kinds: [Int64])], _ plan: ClaimPlan) throws -> [Contest] {
        var found: [Contest] = []
        for (old, ids) in demanded {
            let kinds = ids.compactMap { ledger.kinds[$0] }.filter { $0.active > 0 }
            guard !kinds.isEmpty, let queue = ledger.queues[old.id] else { continue }
            let capacity = capacity(of: queue, demand: plan.queues?[queue.name])
            if capacity > 0 { found.append(Contest(queue: queue, kinds: kinds, earliest: now, capacity: capacity)) }
        }
        guard found.count > 1 else { return found }
        for index in found.indices {
            for kind in found[index].kinds {
                let due = try connection.prepare(Self.earliestDue).bind(kind.id).first { $0.time(0) }
                found[index].earliest = min(found[index].earliest, due ?? now)
            }
        }
        return found.sorted { ($0.earliest, $0.queue.name) < ($1.earliest, $1.queue.name) }
    }

    private func capacity(of queue: QueueEntry, demand: Int?) -> Int {
        let room = queue.policy.concurrency.map { $0 - queue.counts.running } ?? .max
        let tokens = queue.policy.rate.map { queue.rate.available($0, at: now) } ?? .max
        return min(demand ?? .max, room, tokens)
    }
}
