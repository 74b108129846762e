/// The whole state of a `MemoryStore` and the rules by which it changes: `Semantics.md` as code, one file for each verb.
///
/// Nothing here reads a clock: every transition is handed the store's time.
struct MemoryState: Sendable {
    private(set) var jobs: [JobID: MemoryJob] = [:]
    private(set) var indexes = MemoryIndexes()
    private(set) var keys: [MemoryKey.Name: MemoryKey] = [:]
    private(set) var queues: [String: MemoryQueue] = [:]
    var nodes: [NodeID: MemoryNode] = [:]
    var streams: [String: MemoryStream] = [:]
    var triggers: [String: TriggerState] = [:]
    /// The names of the topic triggers of each stream.
    var topics: [String: SortedSet<String>] = [:]
    var buckets: [String: CellRate] = [:]
    var namedLeases: [String: MemoryNamedLease] = [:]
    /// The last generation given to a node.
    var generation = 0
    var changes = MemoryChanges()

    private var savepoint: Savepoint?
    private let random: any RandomSource

    /// - Parameter random: makes the ids of the jobs that topic triggers make.
    init(random: any RandomSource) {
        self.random = random
    }

    func makeID(at now: Timestamp) -> JobID {
        JobID(at: now, random: (random.next(), random.next()))
    }

    // MARK: Jobs

    /// Takes in a job that is not there yet.
    mutating func add(_ job: MemoryJob) {
        precondition(jobs[job.id] == nil, "a job is added once")
        savepoint?.keep(job: job.id, nil)
        if queues[job.record.queue] == nil { changeQueue(job.record.queue) { _ in } }
        jobs[job.id] = job
        indexes.insert(job)
        changes.jobs.insert(job.id)
        changes.work = changes.work || job.record.phase == .ready
    }

    /// The only way in which a job that is there changes. What belongs to one phase alone ends with it.
    mutating func update(_ id: JobID, isRevive: Bool = false, _ change: (inout MemoryJob) -> Void) {
        guard let old = jobs[id] else { preconditionFailure("only a job that is kept is changed") }
        var new = old
        change(&new)
        if new.record.phase != .running { new.leaseExpiry = nil }
        if new.record.phase != .waiting { new.record.wait = nil }
        precondition(new.record.epoch >= old.record.epoch, "invariant 1: epochs strictly grow")
        precondition(
            new.record.phase != .running || old.record.phase == .running || new.record.epoch == old.record.epoch + 1,
            "invariant 1: every lease has an epoch of its own")
        precondition(old.record.phase != .finished || new.record.phase == .finished || isRevive, "invariant 3: finished is left only by revive")
        savepoint?.keep(job: id, old)
        indexes.remove(old)
        jobs[id] = new
        indexes.insert(new)
        changes.jobs.insert(id)
        // A job that stops running may make room for another one.
        let isMoved = new.record.phase != old.record.phase || new.record.dueAt != old.record.dueAt
        if isMoved, new.record.phase == .ready || old.record.phase == .running { changes.work = true }
    }

    /// Forgets a finished job.
    mutating func forget(_ id: JobID) {
        guard let job = jobs.removeValue(forKey: id) else { return }
        precondition(job.record.phase == .finished, "invariant 10: an accepted job is kept until it is finished")
        indexes.remove(job)
    }

    // MARK: Keys and queues

    mutating func setKey(_ name: MemoryKey.Name, _ row: MemoryKey?) {
        savepoint?.keep(key: name, keys[name])
        keys[name] = row
    }

    mutating func changeQueue(_ name: String, _ change: (inout MemoryQueue) -> Void) {
        savepoint?.keep(queue: name, queues[name])
        change(&queues[name, default: MemoryQueue()])
    }

    // MARK: All or nothing

    /// Runs `body`; where it answers an error, everything that it did to jobs, keys and queues is undone (invariant 9).
    mutating func attempt(_ body: (inout MemoryState) -> StoreError?) -> StoreError? {
        savepoint = Savepoint(changes: changes)
        let error = body(&self)
        let kept = savepoint
        savepoint = nil
        guard let error, let kept else { return error }
        for (id, old) in kept.jobs {
            if let new = jobs[id] { indexes.remove(new) }
            jobs[id] = old
            if let old { indexes.insert(old) }
        }
        for (name, row) in kept.keys { keys[name] = row }
        for (name, row) in kept.queues { queues[name] = row }
        changes = kept.changes
        return error
    }

    /// What stood before the first change of each row.
    private struct Savepoint {
        var jobs: [JobID: MemoryJob?] = [:]
        var keys: [MemoryKey.Name: MemoryKey?] = [:]
        var queues: [String: MemoryQueue?] = [:]
        let changes: MemoryChanges

        init(changes: MemoryChanges) { self.changes = changes }

        mutating func keep(job id: JobID, _ old: MemoryJob?) {
            if jobs[id] == nil { jobs.updateValue(old, forKey: id) }
        }

        mutating func keep(key name: MemoryKey.Name, _ old: MemoryKey?) {
            if keys[name] == nil { keys.updateValue(old, forKey: name) }
        }

        mutating func keep(queue name: String, _ old: MemoryQueue?) {
            if queues[name] == nil { queues.updateValue(old, forKey: name) }
        }
    }
}
