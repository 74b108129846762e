/// What a dashboard shows at a glance.
public struct Overview: Sendable, Hashable {
    /// The store's time.
    public var now: Timestamp
    /// By name.
    public var queues: [QueueState]
    /// By name.
    public var triggers: [TriggerState]
    /// By name.
    public var nodes: [NodeState]
    /// By name; every kind that has had a job since the last removal by retention.
    public var kinds: [KindState]

    public init(now: Timestamp, queues: [QueueState], triggers: [TriggerState], nodes: [NodeState], kinds: [KindState]) {
        self.now = now
        self.queues = queues
        self.triggers = triggers
        self.nodes = nodes
        self.kinds = kinds
    }
}

/// Jobs by where they stand.
public struct Counts: Sendable, Hashable {
    public var ready = 0
    public var running = 0
    public var waiting = 0
    public var succeeded = 0
    public var failed = 0
    public var cancelled = 0

    public init() {}

    public subscript(phase: Phase, outcome: Outcome?) -> Int {
        get {
            switch (phase, outcome) {
            case (.ready, _): ready
            case (.running, _): running
            case (.waiting, _): waiting
            case (.finished, .failed): failed
            case (.finished, .cancelled): cancelled
            case (.finished, _): succeeded
            }
        }
        set {
            switch (phase, outcome) {
            case (.ready, _): ready = newValue
            case (.running, _): running = newValue
            case (.waiting, _): waiting = newValue
            case (.finished, .failed): failed = newValue
            case (.finished, .cancelled): cancelled = newValue
            case (.finished, _): succeeded = newValue
            }
        }
    }

    public static func + (a: Counts, b: Counts) -> Counts {
        var sum = a
        for phase in [Phase.ready, .running, .waiting] { sum[phase, nil] += b[phase, nil] }
        for outcome in Outcome.allCases { sum[.finished, outcome] += b[.finished, outcome] }
        return sum
    }

    public var total: Int { ready + running + waiting + succeeded + failed + cancelled }
    public var finished: Int { succeeded + failed + cancelled }
}

public struct QueueState: Sendable, Hashable {
    public var name: String
    public var policy: QueuePolicy
    public var isPaused: Bool
    public var counts: Counts

    public init(name: String, policy: QueuePolicy, isPaused: Bool, counts: Counts) {
        self.name = name
        self.policy = policy
        self.isPaused = isPaused
        self.counts = counts
    }
}

public struct KindState: Sendable, Hashable {
    public var name: String
    public var counts: Counts

    public init(name: String, counts: Counts) {
        self.name = name
        self.counts = counts
    }
}

public struct NodeState: Sendable, Hashable {
    public var id: NodeID
    public var expiresAt: Timestamp
    public var running: Int

    public init(id: NodeID, expiresAt: Timestamp, running: Int) {
        self.id = id
        self.expiresAt = expiresAt
        self.running = running
    }
}
