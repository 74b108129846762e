/// A job as a store keeps it.
public struct JobRecord: Sendable, Hashable {
    public var id: JobID
    public var kind: String
    public var queue: String
    public var tenant: String
    public var priority: Priority
    public var payload: Payload
    public var key: String?
    public var labels: [String: String]
    public var timeout: Duration?
    public var queueTimeout: Duration?
    public var maxAttempts: Int
    public var parent: NewJob.Parent?
    public var trigger: String?

    public var phase: Phase
    /// Set if and only if `phase` is `finished`.
    public var outcome: Outcome?
    /// Attempts charged so far, the running one included.
    public var attempt: Int
    /// The number of the last lease given out for this job; it only grows (invariant 1).
    public var epoch: Int
    /// The epoch whose holder settled last, or 0: a repeated settlement is recognised by it.
    public var settledEpoch: Int
    /// Deaths of a node that count against this job.
    public var deaths: Int
    /// The node that holds the lease, while running; the last one that did, after that.
    public var node: NodeID?
    public var isCancelRequested: Bool
    /// In phase `ready` when it may start; in `waiting` its deadline, or `distantFuture`.
    public var dueAt: Timestamp
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var finishedAt: Timestamp?
    /// What it waits for, while `waiting`.
    public var wait: Wait?
    public var progress: Progress?
    public var result: Payload?
    /// The last attempt's failure; kept while it is retried, cleared by success.
    public var error: Failure?

    /// Two deaths of a node while this job was held: the next attempt runs alone with its guilt (see `Quarantine`).
    public var isSuspect: Bool { deaths >= Quarantine.suspectDeaths }
}

/// How far a running job says it is.
public struct Progress: Sendable, Hashable {
    /// 0…1.
    public var fraction: Double
    public var message: String?

    /// Clamps `fraction` into 0…1 (`nan` becomes 0) and cuts `message` to `Limits.messageBytes`.
    public init(fraction: Double, message: String? = nil) {
        self.fraction = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
        self.message = message.map { Limits.cut($0, to: Limits.messageBytes) }
    }
}

extension Progress {
    /// `{"fraction":0.4,"message":"…"}`: the data of an event of type `progress`.
    public var payload: Payload {
        var members: [JSON.Member] = [.init("fraction", .real(fraction))]
        if let message { members.append(.init("message", .string(message))) }
        return Payload(.object(members))
    }

    /// `nil` where the payload has no `fraction`.
    public init?(_ payload: Payload) {
        let json = payload.json
        guard let fraction = json["fraction"]?.doubleValue else { return nil }
        self.init(fraction: fraction, message: json["message"]?.stringValue)
    }
}
