/// A store in memory: the executable specification of `Store`, and what tests and simulations run on. Nothing outlives the process.
public actor MemoryStore: Store {
    private let environment: Environment
    private let fanout = WakeupFanout()
    private var state: MemoryState
    private var lastNow = Timestamp.epoch

    /// - Parameter environment: its clock is the store's time; its randomness makes the ids of the jobs that topic triggers make.
    public init(environment: Environment) {
        self.environment = environment
        state = MemoryState(random: environment.random)
    }

    /// What is wrong with the whole state, each with the number of the invariant it breaks; empty where nothing is. For tests: it looks at
    /// everything.
    public func audit() -> [String] { state.audit() }

    public func enqueue(_ jobs: [NewJob]) throws(StoreError) -> [Enqueued] {
        try change { state, now throws(StoreError) in try state.enqueue(jobs, at: now) }
    }

    public func claim(_ plan: ClaimPlan) throws(StoreError) -> Claimed {
        try change { state, now throws(StoreError) in state.claim(plan, at: now) }
    }

    public func renew(_ heartbeat: Heartbeat) throws(StoreError) -> Renewal {
        try change { state, now throws(StoreError) in state.renew(heartbeat, at: now) }
    }

    public func record(_ steps: [NewStep], under lease: Lease) throws(StoreError) -> [Step] {
        try change { state, now throws(StoreError) in try state.record(steps, under: lease, at: now) }
    }

    public func settle(_ settlements: [Settlement]) throws(StoreError) -> [SettleResult] {
        try change { state, now throws(StoreError) in try state.settle(settlements, at: now) }
    }

    public func cancel(_ job: JobID) throws(StoreError) -> JobRecord {
        try change { state, now throws(StoreError) in try state.cancel(job, at: now) }
    }

    public func revive(_ job: JobID) throws(StoreError) -> JobRecord {
        try change { state, now throws(StoreError) in try state.revive(job, at: now) }
    }

    public func append(_ events: [NewEvent]) throws(StoreError) -> [Appended] {
        try change { state, now throws(StoreError) in try state.append(events, at: now) }
    }

    public func read(_ stream: String, after: Int, limit: Int) throws(StoreError) -> EventPage {
        state.read(stream, after: after, limit: limit)
    }

    public func put(_ trigger: Trigger?, named name: String) throws(StoreError) -> TriggerState? {
        try change { state, now throws(StoreError) in try state.put(trigger, named: name, at: now) }
    }

    public func fire(_ plan: FirePlan) throws(StoreError) -> FireResult {
        try change { state, now throws(StoreError) in try state.fire(plan, at: now) }
    }

    public func set(_ queue: String, _ change: QueueChange) throws(StoreError) -> QueueState {
        try self.change { state, _ throws(StoreError) in try state.set(queue, change) }
    }

    public func take(_ count: Int, from bucket: String, _ rate: Rate) throws(StoreError) -> TakeResult {
        try change { state, now throws(StoreError) in try state.take(count, from: bucket, rate, at: now) }
    }

    public func acquire(_ name: String, owner: String, for ttl: Duration) throws(StoreError) -> AcquireResult {
        try change { state, now throws(StoreError) in try state.acquire(name, owner: owner, for: ttl, at: now) }
    }

    public func release(_ name: String, epoch: Int) throws(StoreError) -> Bool {
        try change { state, now throws(StoreError) in state.release(name, epoch: epoch, at: now) }
    }

    public func jobs(_ query: JobQuery) throws(StoreError) -> JobPage { state.find(query, at: now()) }

    public func job(_ id: JobID) throws(StoreError) -> JobDetail? { state.detail(id, at: now()) }

    public func overview() throws(StoreError) -> Overview { state.overview(at: now()) }

    public func prune(limit: Int, eventRetention: Duration) throws(StoreError) -> PruneResult {
        try change { state, now throws(StoreError) in state.prune(limit: limit, eventRetention: eventRetention, at: now) }
    }

    public nonisolated func wakeups() -> AsyncStream<Wakeup> { fanout.subscribe() }

    /// One transition: reads the clock once, and sends the hint that follows from what changed.
    private func change<Answer>(_ body: (inout MemoryState, Timestamp) throws(StoreError) -> Answer) throws(StoreError) -> Answer {
        defer {
            if fanout.hasSubscribers, let wakeup = state.changes.wakeup { fanout.send(wakeup) }
            state.changes = MemoryChanges()
        }
        return try body(&state, now())
    }

    /// Never lower than at the call before.
    private func now() -> Timestamp {
        lastNow = max(lastNow, environment.clock.now())
        return lastNow
    }
}
