import MartletCore

/// What jobs of one kind get where the request that enqueues them does not say; `nil` is the engine's default.
public struct KindDefaults: Sendable, Hashable {
    public var queue: String?
    public var priority: Priority?
    public var timeout: Duration?
    public var maxAttempts: Int?

    public init(queue: String? = nil, priority: Priority? = nil, timeout: Duration? = nil, maxAttempts: Int? = nil) {
        self.queue = queue
        self.priority = priority
        self.timeout = timeout
        self.maxAttempts = maxAttempts
    }
}
