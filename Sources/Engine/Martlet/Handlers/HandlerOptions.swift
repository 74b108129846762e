/// How the jobs of one kind are run.
public struct HandlerOptions: Sendable {
    /// How long one attempt may run; a job's own timeout goes first, the engine's last.
    public var timeout: Duration?
    public var retry: RetryPolicy?
    /// The pool whose slots these jobs take; `nil` is the default pool.
    public var pool: String?

    public init(timeout: Duration? = nil, retry: RetryPolicy? = nil, pool: String? = nil) {
        self.timeout = timeout
        self.retry = retry
        self.pool = pool
    }
}
