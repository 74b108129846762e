import Database
import MartletCore

/// Writing the ledger's rows back.
extension Transition {
    private static let saveLane = Query(
        """
        UPDATE lanes SET next_due = ?, active = ?, turn = ?, suspects = ?, ready = ?, running = ?, waiting = ?, succeeded = ?, failed = ?,
            cancelled = ?
        WHERE id = ?
        """)
    /// Where nothing has changed that an index holds.
    private static let saveLaneCounts = Query(
        """
        UPDATE lanes SET suspects = ?, ready = ?, running = ?, waiting = ?, succeeded = ?, failed = ?, cancelled = ? WHERE id = ?
        """)
    private static let saveKind = Query(
        """
        UPDATE kinds SET active = ?, pending = ?, ready = ?, running = ?, waiting = ?, succeeded = ?, failed = ?, cancelled = ? WHERE id = ?
        """)
    private static let saveQueue = Query(
        """
        UPDATE queues SET concurrency = ?, per_tenant = ?, rate_count = ?, rate_per = ?, rate_burst = ?, high_water = ?, low_water = ?,
            retention = ?, paused = ?, refused_from = ?, virtual_time = ?, arrival = ?, ready = ?, running = ?, waiting = ?, succeeded = ?,
            failed = ?, cancelled = ?
        WHERE id = ?
        """)
    private static let saveShare = Query("INSERT OR REPLACE INTO shares (queue, tenant, turn, running) VALUES (?, ?, ?, ?)")
    private static let saveStream = Query("UPDATE streams SET last = ?, oldest = coalesce(oldest, ?) WHERE id = ?")
    private static let firstDue = Query(JobQueries.firstDue(where: ""))

    func flush() throws {
        guard ledger.isDirty else { return }
        for (_, lane) in ledger.lanes.takeDirty() { try write(lane) }
        for (_, kind) in ledger.kinds.takeDirty() {
            precondition(kind.active >= 0 && kind.pending >= kind.active, "a lane is counted once as active")
            try connection.prepare(Self.saveKind).bind(kind.active).bind(kind.pending).bind(kind.counts).bind(kind.id).run()
        }
        for (_, queue) in ledger.queues.takeDirty() { try write(queue) }
        for (name, share) in ledger.shares.takeDirty() {
            try connection.prepare(Self.saveShare).bind(name.queue).bind(name.tenant).bind(share.turn).bind(share.running).run()
        }
        for (_, stream) in ledger.streams.takeDirty() {
            try connection.prepare(Self.saveStream).bind(stream.last).bind(now).bind(stream.id).run()
        }
    }

    private func write(_ old: LaneEntry) throws {
        var lane = old
        if lane.isStale {
            lane.nextDue = try connection.prepare(Self.firstDue).bind(lane.id).first { $0.optionalTime(0) } ?? nil
            lane.isStale = false
        }
        let share = ShareName(queue: lane.queue, tenant: lane.name.tenant)
        lane.isPending = lane.nextDue != nil
        lane.isActive = lane.nextDue.map { $0 <= now } ?? false
        if lane.isActive, !old.isActive { lane.turn = try self.share(share).turn }
        let counted = lane.uncounted
        lane.uncounted = Counts()
        if counted != Counts() || lane.isActive != old.isActive || lane.isPending != old.isPending {
            ledger.kinds.change(lane.kind) { kind in
                kind.counts = kind.counts + counted
                kind.active += (lane.isActive ? 1 : 0) - (old.isActive ? 1 : 0)
                kind.pending += (lane.isPending ? 1 : 0) - (old.isPending ? 1 : 0)
            }
        }
        if counted.running != 0 {
            _ = try self.share(share)
            ledger.shares.change(share) { $0.running += counted.running }
        }
        let isInPlace = lane.nextDue == lane.writtenDue && lane.isActive == old.isActive && lane.turn == lane.writtenTurn
        lane.writtenDue = lane.nextDue
        lane.writtenTurn = lane.turn
        ledger.lanes.hold(lane, for: lane.id)
        let statement = try connection.prepare(isInPlace ? Self.saveLaneCounts : Self.saveLane)
        if !isInPlace { statement.bind(lane.nextDue).bind(lane.isActive).bind(lane.turn) }
        try statement.bind(lane.suspects).bind(lane.counts).bind(lane.id).run()
    }

    private func write(_ queue: QueueEntry) throws {
        let policy = queue.policy
        let statement = try connection.prepare(Self.saveQueue)
        statement.bind(policy.concurrency.map(Int64.init)).bind(policy.perTenant.map(Int64.init))
        statement.bind(policy.rate.map { Int64($0.count) }).bind(policy.rate?.per).bind(policy.rate.map { Int64($0.burst) })
        statement.bind(policy.highWater.map(Int64.init)).bind(policy.lowWater.map(Int64.init)).bind(policy.retention)
        statement.bind(queue.isPaused).bind(queue.admission.refusedFrom).bind(queue.virtualTime).bind(queue.rate.theoreticalArrival)
        try statement.bind(queue.counts).bind(queue.id).run()
    }
}
