import Martlet

/// The section `engine:`; what is `nil` is left to the engine's defaults.
struct EngineSettings: Sendable, Hashable {
    /// Jobs of commands running at once in this process.
    var commandSlots: Int?
    var concurrency: Int?
    var grace: Duration?
    var cancellationLimit: Duration?
    var timeout: Duration?
    var pollInterval: Duration?
    var eventRetention: Duration?
    var retry: RetryPolicy?

    static let known = ["concurrency", "command_slots", "grace", "cancellation_limit", "timeout", "poll_interval", "event_retention", "retry"]

    init() {}

    init(_ section: ConfigurationSection) {
        concurrency = section.integer("concurrency", 1...100_000)
        commandSlots = section.integer("command_slots", 1...10_000)
        grace = section.span("grace", upTo: .seconds(86_400))
        cancellationLimit = section.span("cancellation_limit", upTo: .seconds(3600))
        timeout = section.span("timeout", above: .zero)
        pollInterval = section.span("poll_interval", above: .milliseconds(9), upTo: .seconds(60))
        eventRetention = section.span("event_retention")
        retry = section.retryPolicy("retry")
    }

    /// The engine's configuration with these settings in it.
    func apply(to configuration: inout EngineConfiguration) {
        if let concurrency { configuration.concurrency = concurrency }
        if let grace { configuration.grace = grace }
        if let cancellationLimit { configuration.cancellationLimit = cancellationLimit }
        if let timeout { configuration.timeout = timeout }
        if let pollInterval { configuration.pollInterval = pollInterval }
        if let eventRetention { configuration.eventRetention = eventRetention }
        if let retry { configuration.retry = retry }
    }
}
