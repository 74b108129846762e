import MartletCore

/// A class of calls: a provider's API, a kind of webhook receiver. Everything that limits a call comes from it.
public struct Destination: Sendable, Hashable {
    /// 1 to 64 bytes. Names the limits that its calls share, in every process, and is a label of metrics.
    public let name: String
    public var deadlines: Deadlines
    public var retry = RetryPlan()
    /// One breaker for each origin. Only what says that the other side is ill counts against it: no connection, no answer in time, a 5xx.
    public var breaker = CircuitBreaker.Policy()
    /// Calls at once in this process.
    public var concurrency = 64
    /// Of these, calls at once with one credential: who stalls does not hold up the others.
    public var concurrencyPerCredential = 16
    /// Limits known beforehand, for each scope over all processes. A bucket lets `burst + count` through in the worst span of `per`: where the
    /// server counts in fixed windows, that sum must not be above what it allows.
    public var rates: [Rate] = []
    /// How long a call may wait in place for a limit or for room; what would have to wait longer is refused with the delay.
    public var patience: Duration = .seconds(1)
    /// How old what is known of the other processes' limits may be. Zero asks the store before each call: one read.
    public var staleness: Duration = .zero
    /// The largest body that is sent, in bytes.
    public var requestBytesMax = 64 << 20
    /// The largest body that is read, in bytes after decompression.
    public var responseBytesMax = 8 << 20
    /// Redirects followed in one attempt; 0 hands them to the caller.
    public var redirectsMax = 5
    /// Whether `http://` may be asked for. A redirect never leads from `https://` to it.
    public var allowsPlainHTTP = false
    /// Private networks that this destination may reach, beside those of the configuration.
    public var allowedNetworks: [Network] = []

    public init(_ name: String, deadlines: Deadlines) {
        self.name = name
        self.deadlines = deadlines
    }

    var fault: String? {
        if let reason = Scope.nameFault(name, bytesMax: 64) { return "the destination's name \(reason)" }
        guard (1...100_000).contains(concurrency), (1...100_000).contains(concurrencyPerCredential) else {
            return "a destination's concurrency must be from 1 to 100000"
        }
        guard rates.count <= 4 else { return "a destination has at most four rates" }
        for rate in rates { if let fault = rate.fault { return "\(fault)" } }
        guard patience >= .zero, staleness >= .zero else { return "patience and staleness must not be negative" }
        guard requestBytesMax >= 0, responseBytesMax >= 0, (0...20).contains(redirectsMax) else { return "sizes and counts must not be negative" }
        return deadlines.fault ?? retry.fault
    }
}
