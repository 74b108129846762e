/// Everything about a job besides its kind and payload.
public struct EnqueueOptions: Sendable {
    /// Drawn by the engine where `nil`.
    public var id: JobID?
    public var queue: String
    public var tenant: String
    public var priority: Priority
    public var due: NewJob.Due
    public var key: IdempotencyKey?
    public var timeout: Duration?
    public var queueTimeout: Duration?
    public var maxAttempts: Int
    public var labels: [String: String]

    public init(
        id: JobID? = nil, queue: String = "default", tenant: String = "", priority: Priority = .standard, delay: Duration = .zero,
        dueAt: Timestamp? = nil, key: IdempotencyKey? = nil, timeout: Duration? = nil, queueTimeout: Duration? = nil, maxAttempts: Int = 20,
        labels: [String: String] = [:]
    ) {
        self.id = id
        self.queue = queue
        self.tenant = tenant
        self.priority = priority
        due = dueAt.map { .at($0) } ?? .after(delay)
        self.key = key
        self.timeout = timeout
        self.queueTimeout = queueTimeout
        self.maxAttempts = maxAttempts
        self.labels = labels
    }
}
