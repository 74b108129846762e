import MartletCore

/// The small rows that every transition touches, held in memory while nobody else writes to the file: counted here, and written back
/// once for each operation, so that a batch of a hundred jobs costs its lane one update.
struct Ledger: Sendable {
    /// Lanes, shares and streams come and go by the tenant and by the job: beyond this many, all are forgotten and read again.
    private static let entriesMax = 2000

    var queues = Tracked<Int64, QueueEntry>()
    var queueIDs: [String: Int64] = [:]
    var kinds = Tracked<Int64, KindEntry>()
    var kindIDs: [KindName: Int64] = [:]
    var lanes = Tracked<Int64, LaneEntry>()
    private var laneIDs: [LaneName: Int64] = [:]
    /// The lane that was asked for last: in a batch, mostly the next one too.
    private var lastLane: (name: LaneName, id: Int64)?
    var shares = Tracked<ShareName, ShareEntry>()
    var streams = Tracked<String, StreamEntry>()
    /// The rows of running jobs, as far as they have been seen running.
    var running: [JobID: JobRow] = [:]
    var nodes: [NodeID: NodeEntry] = [:]
    /// The triggers on the topic of each stream, by name.
    var topics: [String: [TriggerState]] = [:]

    var isDirty: Bool { lanes.isDirty || queues.isDirty || kinds.isDirty || shares.isDirty || streams.isDirty }

    func queue(named name: String) -> QueueEntry? { queueIDs[name].flatMap { queues[$0] } }

    mutating func lane(named name: LaneName) -> Int64? {
        if let lastLane, lastLane.name == name { return lastLane.id }
        guard let id = laneIDs[name] else { return nil }
        lastLane = (name, id)
        return id
    }

    mutating func count(_ standing: Standing, in lane: Int64, of queue: Int64, by sign: Int) {
        lanes.change(lane) { $0.count(standing, by: sign) }
        queues.change(queue) { $0.counts[standing.phase, standing.outcome] += sign }
    }

    /// Counts a job where it is now instead of where it was.
    mutating func count(_ new: Standing, was old: Standing, in lane: Int64, of queue: Int64) {
        lanes.change(lane) { lane in
            lane.count(old, by: -1)
            lane.count(new, by: 1)
        }
        queues.change(queue) { queue in
            queue.counts[old.phase, old.outcome] -= 1
            queue.counts[new.phase, new.outcome] += 1
        }
    }

    mutating func hold(_ queue: QueueEntry) {
        queues.hold(queue, for: queue.id)
        queueIDs[queue.name] = queue.id
    }

    mutating func hold(_ kind: KindEntry) {
        kinds.hold(kind, for: kind.id)
        kindIDs[KindName(queue: kind.queue, name: kind.name)] = kind.id
    }

    mutating func hold(_ lane: LaneEntry) {
        lanes.hold(lane, for: lane.id)
        laneIDs[lane.name] = lane.id
    }

    /// Forgets a lane whose row is gone.
    mutating func remove(_ lane: LaneEntry) {
        lanes.remove(lane.id)
        laneIDs[lane.name] = nil
        lastLane = nil
    }

    /// Lets go of what has grown too long. Only while nothing is dirty.
    mutating func trim() {
        if lanes.count > Self.entriesMax {
            lanes.removeAll()
            laneIDs = [:]
            lastLane = nil
        }
        if running.count > Self.entriesMax { running = [:] }
        if shares.count > Self.entriesMax { shares.removeAll() }
        if streams.count > Self.entriesMax { streams.removeAll() }
    }
}
