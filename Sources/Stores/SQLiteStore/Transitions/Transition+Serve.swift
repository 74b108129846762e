import Database
import MartletCore

/// Inside one queue: whose turn it is, and which job.
extension Transition {
    private static let lanesOfTenant = Query("SELECT \(laneColumns) FROM lanes WHERE queue = ? AND tenant = ? AND active = 1")
    private static let nextPending = Query(
        """
        SELECT next_due FROM lanes INDEXED BY lanes_by_due WHERE kind = ? AND active = 0 AND next_due IS NOT NULL ORDER BY next_due LIMIT 1
        """)
    private static let laterInLane = Query(JobQueries.firstDue(where: "AND due > ?2"))

    /// Takes up to `capacity` jobs from a queue in the order of `FairShare`.
    func serve(_ queueID: Int64, _ kinds: [Int64], _ capacity: Int, _ claim: inout ClaimProgress) throws {
        try flush()
        guard let queue = ledger.queues[queueID] else { return }
        var (contenders, due) = try contenders(queue, kinds, capacity, isWithSuspects: !claim.runsSuspect)
        let supplied = contenders
        var share = FairShare(virtualTime: queue.virtualTime)
        let order = try allot(capacity, &contenders, &due, &share, queue, isWithSuspects: !claim.runsSuspect)
        ledger.queues.change(queueID) { $0.virtualTime = share.virtualTime }
        for (index, contender) in contenders.enumerated() where contender.turn != supplied[index].turn {
            try setTurn(contender.turn, of: ShareName(queue: queueID, tenant: contender.tenant))
        }
        for index in order {
            guard let id = try due[index].next(withSuspects: !claim.runsSuspect, connection) else { continue }
            try start(id, queueID, &claim)
        }
    }

    /// Those who can win: the first `capacity` tenants by their turns that have something to start. Nobody behind them can be served
    /// before each of them has been served once.
    private func contenders(
        _ queue: QueueEntry, _ kinds: [Int64], _ capacity: Int, isWithSuspects: Bool
    ) throws -> ([FairShare.Contender], [DueJobs]) {
        let lanes = kinds.reduce(0) { $0 + (ledger.kinds[$1]?.active ?? 0) }
        var merge = LaneMerge(self, kinds: kinds, chunk: max(1, min(capacity, lanes)))
        // Where many compete, few jobs of each are looked at first.
        let depth = lanes <= 1 ? capacity : max(2, capacity / min(capacity, lanes) + 1)
        var (contenders, due): ([FairShare.Contender], [DueJobs]) = ([], [])
        while contenders.count < capacity, let tenant = try merge.next() {
            let room = try room(for: tenant.name, in: queue)
            if room <= 0 { continue }
            var jobs = DueJobs(tenant: tenant.name, lanes: tenant.lanes, now: now)
            try jobs.read(min(depth, capacity), withSuspects: isWithSuspects, connection)
            let count = jobs.count(withSuspects: isWithSuspects)
            if count == 0 { continue }
            contenders.append(FairShare.Contender(tenant: tenant.name, turn: tenant.turn, supply: min(count, room)))
            due.append(jobs)
        }
        return (contenders, due)
    }

    private func room(for tenant: String, in queue: QueueEntry) throws -> Int {
        guard let limit = queue.policy.perTenant else { return .max }
        return limit - (try share(ShareName(queue: queue.id, tenant: tenant)).running)
    }

    /// Deals the capacity out. Where somebody's known supply is used up and there may be more of it, more is read and it is dealt anew.
    private func allot(
        _ capacity: Int, _ contenders: inout [FairShare.Contender], _ due: inout [DueJobs], _ share: inout FairShare, _ queue: QueueEntry,
        isWithSuspects: Bool
    ) throws -> [Int] {
        var supplied = contenders
        while true {
            contenders = supplied
            share = FairShare(virtualTime: queue.virtualTime)
            let order = share.allot(capacity, among: &contenders)
            var isShort = false
            for index in contenders.indices where contenders[index].supply == 0 && due[index].isCut {
                let room = try room(for: contenders[index].tenant, in: queue)
                let known = supplied[index].supply
                guard known < room, known < capacity else { continue }
                try due[index].read(min(capacity, known * 4), withSuspects: isWithSuspects, connection)
                supplied[index].supply = min(due[index].count(withSuspects: isWithSuspects), room)
                isShort = isShort || supplied[index].supply > known
            }
            if !isShort { return order }
        }
    }

    /// A tenant's turn stands in its share, and in each of its lanes that is awake.
    private func setTurn(_ turn: Int, of name: ShareName) throws {
        _ = try share(name)
        ledger.shares.change(name) { $0.turn = turn }
        for lane in try connection.prepare(Self.lanesOfTenant).bind(name.queue).bind(name.tenant).map(readLane).compactMap({ $0 }) {
            if ledger.lanes[lane.id] == nil { ledger.hold(lane) }
            ledger.lanes.change(lane.id) { $0.turn = turn }
        }
    }

    private func start(_ id: JobID, _ queue: Int64, _ claim: inout ClaimProgress) throws {
        guard let (old, details) = try jobs.whole(id) else { throw DatabaseFailure.unknownCode }
        precondition(old.phase == .ready, "only a ready job is claimed")
        let plan = claim.plan
        var row = old
        row.phase = .running
        row.epoch += 1
        row.attempt += 1
        row.node = plan.node
        row.startedAt = now
        row.isCancelRequested = false
        row.expiresAt = plan.sharesLiveness ? nil : now + plan.ttl
        let statement = try connection.prepare(JobQueries.start).bind(row.attempt).bind(row.epoch).bind(plan.node.name)
        try statement.bind(row.expiresAt).bind(now).bind(id).run()
        try move(row, was: old)
        if let rate = ledger.queues[queue]?.policy.rate { ledger.queues.change(queue) { $0.rate.take(1, rate, at: now) } }
        if row.isSuspect { claim.runsSuspect = true }
        if let entry = ledger.queues[queue] {
            precondition(entry.counts.running <= entry.policy.concurrency ?? .max, "invariant 7: running is at most the queue's limit")
        }
        // No step is written before the first lease.
        let steps = old.epoch == 0 ? [] : try jobs.steps(of: id)
        claim.taken.append(ClaimedJob(job: try jobs.record(row, details, try lane(row.lane).name), steps: steps))
    }

    // MARK: What comes next

    /// How long until something may be due that this plan could take, or a sweep.
    func nextDue(_ demanded: [(queue: QueueEntry, kinds: [Int64])]) throws -> Duration? {
        try flush()
        var instants: [Timestamp] = []
        var delays: [Duration] = []
        for (old, kinds) in demanded {
            guard let queue = ledger.queues[old.id] else { continue }
            for kind in kinds.compactMap({ ledger.kinds[$0] }) {
                if kind.pending > kind.active, let next = try connection.prepare(Self.nextPending).bind(kind.id).first({ $0.time(0) }) {
                    instants.append(next)
                }
                if kind.active > 0 {
                    if let rate = queue.policy.rate { delays.append(queue.rate.delay(until: 1, rate, at: now)) }
                    instants += try laterInOnlyLane(of: kind)
                }
            }
        }
        instants += ledger.nodes.values.map(\.expiresAt)
        if let first = try nextAlarm() { instants.append(first) }
        delays = delays.filter { $0 > .zero } + instants.map { max(.zero, $0 - now) }
        return delays.min()
    }

    /// The next job of a lane that has due ones too. Where several lanes have, something is due already: a claim comes soon enough.
    private func laterInOnlyLane(of kind: KindEntry) throws -> [Timestamp] {
        guard kind.active == 1 else { return [] }
        var merge = LaneMerge(self, kinds: [kind.id], chunk: 1)
        guard let lane = try merge.next()?.lanes.first else { return [] }
        return (try connection.prepare(Self.laterInLane).bind(lane.id).bind(now).first { $0.optionalTime(0) } ?? nil).map { [$0] } ?? []
    }
}
