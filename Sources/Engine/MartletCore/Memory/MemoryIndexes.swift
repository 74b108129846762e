/// Everything that can be computed from the jobs and is kept, so that no transition looks through all of them.
///
/// A job is taken out before it changes and put in after, so no index knows how a job got where it is. `MemoryState.audit()` compares
/// this with one built anew.
struct MemoryIndexes: Sendable, Equatable {
    /// Ready jobs of one lane are in the order they start in: inside a priority, rank and due time sort alike.
    struct Lane: Sendable, Hashable {
        var tenant: String
        var kind: String
        var priority: Priority
    }

    struct Queue: Sendable, Equatable {
        var counts = Counts()
        var lanes: [Lane: SortedSet<TimedID>] = [:]
        var runningByTenant: [String: Int] = [:]
        /// By the instant they finished.
        var finished = SortedSet<TimedID>()
    }

    /// The running jobs of one node's name.
    struct Node: Sendable, Equatable {
        /// Those that live as long as the node's row.
        var sharing: Set<JobID> = []
        /// How many run, leases of their own included.
        var suspects = 0
        var total = 0
    }

    /// The unfinished jobs of a trigger.
    struct Trigger: Sendable, Equatable {
        var unfinished = SortedSet<JobID>()
        var inTurn = SortedSet<JobID>()
    }

    struct Awaited: Sendable, Hashable {
        var stream: String
        var type: String
    }

    private(set) var ids = SortedSet<JobID>()
    private(set) var queues: [String: Queue] = [:]
    private(set) var kinds: [String: Counts] = [:]
    private(set) var nodes: [NodeID: Node] = [:]
    private(set) var triggers: [String: Trigger] = [:]
    private(set) var groups: [NewJob.Parent: Counts] = [:]
    private(set) var waiters: [Awaited: SortedSet<JobID>] = [:]
    /// Leases of single jobs, by their end.
    private(set) var leases = SortedSet<TimedID>()
    /// Ready jobs that fail where nobody starts them, by when.
    private(set) var queueTimeouts = SortedSet<TimedID>()
    /// Waiting jobs, by their deadline.
    private(set) var deadlines = SortedSet<TimedID>()

    mutating func insert(_ job: MemoryJob) { change(job, by: 1) }

    mutating func remove(_ job: MemoryJob) { change(job, by: -1) }

    private mutating func change(_ job: MemoryJob, by sign: Int) {
        let record = job.record
        ids.set(record.id, sign)
        count(record, by: sign)
        if let trigger = record.trigger, record.phase != .finished {
            triggers[trigger, default: Trigger()].unfinished.set(record.id, sign)
            if job.isInTurn { triggers[trigger, default: Trigger()].inTurn.set(record.id, sign) }
            if triggers[trigger] == Trigger() { triggers[trigger] = nil }
        }
        switch record.phase {
        case .ready: changeReady(record, by: sign)
        case .running: changeRunning(job, by: sign)
        case .waiting: changeWaiting(record, by: sign)
        case .finished: queues[record.queue, default: Queue()].finished.set(TimedID(at: record.finishedAt ?? .epoch, id: record.id), sign)
        }
        if queues[record.queue]?.counts.total == 0 { queues[record.queue] = nil }
    }

    private mutating func count(_ record: JobRecord, by sign: Int) {
        queues[record.queue, default: Queue()].counts[record.phase, record.outcome] += sign
        kinds[record.kind, default: Counts()][record.phase, record.outcome] += sign
        if kinds[record.kind]?.total == 0 { kinds[record.kind] = nil }
        if let parent = record.parent {
            groups[parent, default: Counts()][record.phase, record.outcome] += sign
            if groups[parent]?.total == 0 { groups[parent] = nil }
        }
    }

    private mutating func changeReady(_ record: JobRecord, by sign: Int) {
        let lane = Lane(tenant: record.tenant, kind: record.kind, priority: record.priority)
        queues[record.queue, default: Queue()].lanes[lane, default: SortedSet()].set(TimedID(at: record.dueAt, id: record.id), sign)
        if queues[record.queue]?.lanes[lane]?.isEmpty == true { queues[record.queue]?.lanes[lane] = nil }
        if let limit = record.queueTimeout { queueTimeouts.set(TimedID(at: record.dueAt + limit, id: record.id), sign) }
    }

    private mutating func changeRunning(_ job: MemoryJob, by sign: Int) {
        let record = job.record
        queues[record.queue, default: Queue()].runningByTenant[record.tenant, default: 0] += sign
        if queues[record.queue]?.runningByTenant[record.tenant] == 0 { queues[record.queue]?.runningByTenant[record.tenant] = nil }
        if let expiry = job.leaseExpiry { leases.set(TimedID(at: expiry, id: record.id), sign) }
        guard let node = record.node else { return }
        nodes[node, default: Node()].total += sign
        if record.isSuspect { nodes[node, default: Node()].suspects += sign }
        if job.leaseExpiry == nil {
            if sign > 0 { nodes[node, default: Node()].sharing.insert(record.id) } else { nodes[node]?.sharing.remove(record.id) }
        }
        if nodes[node]?.total == 0 { nodes[node] = nil }
    }

    private mutating func changeWaiting(_ record: JobRecord, by sign: Int) {
        if record.dueAt < .distantFuture { deadlines.set(TimedID(at: record.dueAt, id: record.id), sign) }
        guard case .event(let stream, let type, _) = record.wait?.condition else { return }
        let awaited = Awaited(stream: stream, type: type)
        waiters[awaited, default: SortedSet()].set(record.id, sign)
        if waiters[awaited]?.isEmpty == true { waiters[awaited] = nil }
    }
}

extension SortedSet {
    fileprivate mutating func set(_ element: Element, _ sign: Int) {
        if sign > 0 { insert(element) } else { remove(element) }
    }
}

extension Counts {
    /// Jobs that can still change by themselves.
    var unfinished: Int { ready + running + waiting }
}
