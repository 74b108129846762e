/// What has become of a job so far. A `NewJob` that brings one along is *adopted*: a store takes it in as it stood in another store (see
/// `Semantics.md`), so that work can be moved while it waits, is due, or is finished.
public struct JobHistory: Sendable, Hashable {
    /// Never `running`: a lease belongs to the store that gave it.
    public var phase: Phase
    public var outcome: Outcome?
    public var attempt = 0
    public var epoch = 0
    public var settledEpoch = 0
    /// 0…255.
    public var deaths = 0
    public var node: NodeID?
    public var isCancelRequested = false
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var finishedAt: Timestamp?
    public var wait: Wait?
    public var progress: Progress?
    public var result: Payload?
    public var error: Failure?
    /// In the order they were recorded.
    public var steps: [Step] = []

    public init(phase: Phase, outcome: Outcome? = nil, createdAt: Timestamp) {
        self.phase = phase
        self.outcome = outcome
        self.createdAt = createdAt
    }

    /// Whether the job still has its key.
    package func keepsKey(_ scope: IdempotencyKey.Scope, at now: Timestamp) -> Bool {
        switch scope {
        case .untilFinished: phase != .finished
        case .forever: true
        case .window(let span): createdAt + span > now
        }
    }
}

extension JobHistory {
    /// Everything that is wrong with this history by itself.
    var fault: StoreError? {
        func broken(_ field: String, _ rule: String) -> StoreError { .invalid(field: field, reason: rule) }
        if phase == .running { return broken("phase", "must not be running: wait until the job has settled") }
        if (phase == .finished) != (outcome != nil) { return broken("outcome", "belongs to finished jobs, and to each of them") }
        if (phase == .finished) != (finishedAt != nil) { return broken("finished_at", "belongs to finished jobs, and to each of them") }
        if (phase == .waiting) != (wait != nil) { return broken("wait", "belongs to waiting jobs, and to each of them") }
        if (node == nil) != (startedAt == nil) { return broken("started_at", "belongs to jobs that a node has held, and to each of them") }
        guard (0...Int(Int32.max)).contains(epoch) else { return broken("epoch", "must be from 0 to \(Int32.max)") }
        if epoch == 0, !steps.isEmpty || wait?.step != nil { return broken("epoch", "must be at least 1 where a step was recorded or is waited for") }
        guard (0...epoch).contains(settledEpoch) else { return broken("settled_epoch", "must be from 0 to the epoch") }
        guard (0...epoch).contains(attempt) else { return broken("attempt", "must be from 0 to the epoch") }
        guard (0...255).contains(deaths) else { return broken("deaths", "must be from 0 to 255") }
        if let result, result.utf8.count > Limits.payloadBytes { return .tooLarge(field: "result", bytesMax: Limits.payloadBytes) }
        return stepFault
    }

    private var stepFault: StoreError? {
        if Set(steps.map(\.name)).count != steps.count { return .invalid(field: "step", reason: "must not be there twice") }
        if let name = wait?.step, let fault = NewStep(name: name, result: .null).fault { return fault }
        return steps.lazy.compactMap { NewStep(name: $0.name, state: $0.state, result: $0.result).fault }.first
    }
}

extension NewJob {
    /// A job as another store keeps it, for this one to adopt.
    public init(adopting detail: JobDetail) {
        let record = detail.job
        self.init(id: record.id, kind: record.kind, payload: record.payload)
        queue = record.queue
        tenant = record.tenant
        priority = record.priority
        due = .at(record.dueAt)
        timeout = record.timeout
        queueTimeout = record.queueTimeout
        maxAttempts = record.maxAttempts
        labels = record.labels
        parent = record.parent
        trigger = record.trigger
        key = record.key.map { IdempotencyKey($0, scope: detail.keyScope ?? .untilFinished) }
        var history = JobHistory(phase: record.phase, outcome: record.outcome, createdAt: record.createdAt)
        history.attempt = record.attempt
        history.epoch = record.epoch
        history.settledEpoch = record.settledEpoch
        history.deaths = record.deaths
        history.node = record.node
        history.isCancelRequested = record.isCancelRequested
        history.startedAt = record.startedAt
        history.finishedAt = record.finishedAt
        history.wait = record.wait
        history.progress = record.progress
        history.result = record.result
        history.error = record.error
        history.steps = detail.steps
        self.history = history
    }
}
