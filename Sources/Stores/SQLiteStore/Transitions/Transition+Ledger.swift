import Database
import MartletCore

/// Reading the ledger's rows.
extension Transition {
    private static let queueColumns = """
        id, name, concurrency, per_tenant, rate_count, rate_per, rate_burst, high_water, low_water, retention, paused, refused_from, \
        virtual_time, arrival, ready, running, waiting, succeeded, failed, cancelled
        """
    static let laneColumns =
        "id, queue, kind, tenant, next_due, active, turn, suspects, ready, running, waiting, succeeded, failed, cancelled"

    static let allQueues = Query("SELECT \(queueColumns) FROM queues ORDER BY name")
    private static let allKinds = Query(
        "SELECT id, queue, name, active, pending, ready, running, waiting, succeeded, failed, cancelled FROM kinds ORDER BY id")
    static let allNodes = Query("SELECT name, expires, generation FROM nodes ORDER BY name")
    private static let laneByName = Query("SELECT \(laneColumns) FROM lanes WHERE queue = ? AND tenant = ? AND kind = ?")
    private static let laneByID = Query("SELECT \(laneColumns) FROM lanes WHERE id = ?")
    private static let shareByName = Query("SELECT turn, running FROM shares WHERE queue = ? AND tenant = ?")
    private static let streamByName = Query("SELECT id, last FROM streams WHERE name = ?")
    private static let addQueue = Query("INSERT INTO queues (name, retention) VALUES (?, ?)")
    private static let addKind = Query("INSERT INTO kinds (queue, name) VALUES (?, ?)")
    private static let addLane = Query("INSERT INTO lanes (queue, kind, tenant) VALUES (?, ?, ?)")
    private static let addStream = Query("INSERT INTO streams (name, last, first, job) VALUES (?, 0, 1, ?)")

    /// The rows that every operation may need; there are few of them.
    func load() throws {
        for queue in try connection.prepare(Self.allQueues).map(Self.queue) { ledger.hold(queue) }
        let kinds = try connection.prepare(Self.allKinds).map { row in
            KindEntry(
                id: row.int64(0), queue: row.int64(1), name: row.text(2), counts: row.counts(from: 5), active: row.int(3),
                pending: row.int(4))
        }
        for kind in kinds { hold(kind) }
        let nodes = try connection.prepare(Self.allNodes).map { row in
            (NodeID(row.text(0)), NodeEntry(expiresAt: row.time(1), generation: row.int(2)))
        }
        for (id, node) in nodes { ledger.nodes[id] = node }
        try loadTopics()
    }

    private func hold(_ kind: KindEntry) {
        ledger.hold(kind)
        guard var queue = ledger.queues[kind.queue] else { return }
        queue.kinds.append(kind.id)
        ledger.hold(queue)
    }

    static func queue(_ row: Prepared) -> QueueEntry {
        var queue = QueueEntry(id: row.int64(0), name: row.text(1))
        queue.policy.concurrency = row.optionalInt(2)
        queue.policy.perTenant = row.optionalInt(3)
        if let count = row.optionalInt(4), let per = row.optionalSpan(5) {
            queue.policy.rate = Rate(count: count, per: per, burst: row.optionalInt(6))
        }
        queue.policy.highWater = row.optionalInt(7)
        queue.policy.lowWater = row.optionalInt(8)
        queue.policy.retention = .microseconds(row.int64(9))
        queue.isPaused = row.bool(10)
        queue.admission = Admission(refusedFrom: row.int(11))
        queue.virtualTime = row.int(12)
        queue.rate = CellRate(theoreticalArrival: row.int64(13))
        queue.counts = row.counts(from: 14)
        return queue
    }

    // MARK: Queues

    /// The queue of this name, made where there is none.
    func queue(named name: String) throws -> QueueEntry {
        if let known = ledger.queue(named: name) { return known }
        try connection.prepare(Self.addQueue).bind(name).bind(QueuePolicy().retention).run()
        let made = QueueEntry(id: connection.lastInsertedRow, name: name)
        ledger.hold(made)
        return made
    }

    // MARK: Lanes

    /// The lane of this name, made where there is none.
    func lane(named name: LaneName) throws -> Int64 {
        if let known = ledger.lane(named: name) { return known }
        let queue = try queue(named: name.queue)
        let kind = try self.kind(named: name.kind, in: queue)
        let stored = try connection.prepare(Self.laneByName).bind(queue.id).bind(name.tenant).bind(kind.id).first(readLane)
        if let stored = stored ?? nil {
            ledger.hold(stored)
            return stored.id
        }
        try connection.prepare(Self.addLane).bind(queue.id).bind(kind.id).bind(name.tenant).run()
        let made = LaneEntry(id: connection.lastInsertedRow, queue: queue.id, kind: kind.id, name: name)
        ledger.hold(made)
        return made.id
    }

    private func kind(named name: String, in queue: QueueEntry) throws -> KindEntry {
        if let id = ledger.kindIDs[KindName(queue: queue.id, name: name)], let known = ledger.kinds[id] { return known }
        try connection.prepare(Self.addKind).bind(queue.id).bind(name).run()
        let made = KindEntry(id: connection.lastInsertedRow, queue: queue.id, name: name, counts: Counts(), active: 0, pending: 0)
        ledger.hold(made)
        ledger.queues.change(queue.id) { $0.kinds.append(made.id) }
        return made
    }

    /// A lane that some row names.
    func lane(_ id: Int64) throws -> LaneEntry {
        if let known = ledger.lanes[id] { return known }
        guard let stored = try connection.prepare(Self.laneByID).bind(id).first(readLane) ?? nil else { throw DatabaseFailure.unknownCode }
        ledger.hold(stored)
        return stored
    }

    /// Reads `laneColumns`.
    func readLane(_ row: Prepared) -> LaneEntry? {
        guard let queue = ledger.queues[row.int64(1)], let kind = ledger.kinds[row.int64(2)] else { return nil }
        let name = LaneName(queue: queue.name, kind: kind.name, tenant: row.text(3))
        var lane = LaneEntry(id: row.int64(0), queue: queue.id, kind: kind.id, name: name)
        lane.nextDue = row.optionalTime(4)
        lane.isActive = row.bool(5)
        lane.isPending = lane.nextDue != nil
        lane.turn = row.int(6)
        lane.writtenDue = lane.nextDue
        lane.writtenTurn = lane.turn
        lane.suspects = row.int(7)
        lane.counts = row.counts(from: 8)
        return lane
    }

    // MARK: Shares and streams

    func share(_ name: ShareName) throws -> ShareEntry {
        if let known = ledger.shares[name] { return known }
        let stored = try connection.prepare(Self.shareByName).bind(name.queue).bind(name.tenant).first {
            ShareEntry(turn: $0.int(0), running: $0.int(1))
        }
        let share = stored ?? ShareEntry()
        ledger.shares.hold(share, for: name)
        return share
    }

    /// The stream of this name; `nil` where nobody has written to it.
    func stream(named name: String) throws -> StreamEntry? {
        if let known = ledger.streams[name] { return known }
        let stored = try connection.prepare(Self.streamByName).bind(name).first { StreamEntry(id: $0.int64(0), last: $0.int(1)) }
        if let stored { ledger.streams.hold(stored, for: name) }
        return stored
    }

    func makeStream(named name: String) throws -> StreamEntry {
        let statement = try connection.prepare(Self.addStream).bind(name)
        if let job = StreamName.job(in: name), try jobs.row(job) != nil { statement.bind(job) } else { statement.bindNull() }
        try statement.run()
        let made = StreamEntry(id: connection.lastInsertedRow, last: 0)
        ledger.streams.hold(made, for: name)
        return made
    }
}
