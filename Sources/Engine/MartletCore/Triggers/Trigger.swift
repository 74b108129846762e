/// A rule that turns a time or an event into a job.
public struct Trigger: Sendable, Hashable {
    public enum Schedule: Sendable, Hashable {
        /// Five fields, or six with seconds first; an IANA zone.
        case cron(CronExpression, zone: String)
        /// Every so often, on multiples of the interval since 1970 plus `offset`.
        case every(Duration, offset: Duration)
        /// Every event appended to the stream that the filter lets through.
        case topic(stream: String, filter: EventFilter)
    }

    /// What to do while an earlier job of this trigger is unfinished.
    public enum Overlap: String, Sendable, Hashable, CaseIterable {
        /// Drop the new one.
        case skip
        /// The new one waits until the earlier ones are finished; they run one after another.
        case queue
        /// Cancel the earlier ones, and start the new one.
        case cancel
    }

    /// What to do about slots that came while nobody was there to fire them.
    public enum Missed: String, Sendable, Hashable, CaseIterable {
        case skip
        case last
        case all
    }

    public var schedule: Schedule
    public var overlap: Overlap
    public var missed: Missed
    /// Each job becomes due a while after its slot, from zero up to this long; how long follows from the trigger's name and the slot.
    public var jitter: Duration
    public var isPaused: Bool
    public var job: JobTemplate
    /// What `Store.put` takes over in place of counting on from what it keeps; never there in what a store answers.
    public var history: TriggerHistory?

    public init(
        _ schedule: Schedule, overlap: Overlap = .skip, missed: Missed = .last, jitter: Duration = .zero, isPaused: Bool = false, job: JobTemplate
    ) {
        self.schedule = schedule
        self.overlap = overlap
        self.missed = missed
        self.jitter = jitter
        self.isPaused = isPaused
        self.job = job
    }
}

/// The job that a trigger makes each time.
public struct JobTemplate: Sendable, Hashable {
    public var kind: String
    public var payload: Payload
    public var queue = "default"
    public var tenant = ""
    public var priority = Priority.standard
    public var timeout: Duration?
    public var maxAttempts = 20
    public var labels: [String: String] = [:]

    public init(kind: String, payload: Payload = .emptyObject) {
        self.kind = kind
        self.payload = payload
    }

    /// The job of one slot or event. A trigger on a topic adds the event to the labels, not to the payload: see `Trigger.job(for:)`.
    public func job(id: JobID) -> NewJob {
        var job = NewJob(id: id, kind: kind, payload: payload)
        job.queue = queue
        job.tenant = tenant
        job.priority = priority
        job.timeout = timeout
        job.maxAttempts = maxAttempts
        job.labels = labels
        return job
    }
}

/// A trigger as a store keeps it.
public struct TriggerState: Sendable, Hashable {
    public var name: String
    public var trigger: Trigger
    /// Grows with every change; a fire planned against an older one is refused.
    public var revision: Int
    /// The next slot, `nil` for a topic, or before the trigger clock has seen this trigger.
    public var nextSlot: Timestamp?
    public var lastSlot: Timestamp?
    public var createdAt: Timestamp

    public init(name: String, trigger: Trigger, revision: Int, nextSlot: Timestamp?, lastSlot: Timestamp?, createdAt: Timestamp) {
        self.name = name
        self.trigger = trigger
        self.revision = revision
        self.nextSlot = nextSlot
        self.lastSlot = lastSlot
        self.createdAt = createdAt
    }
}
