import MartletCore

/// How a refresh ends that brought no tokens.
enum RefreshEnding: Sendable, Hashable {
    /// The grant is gone.
    case needsReconnect(reason: String)
    /// The grant may be gone: nobody knows, and finding out could end it.
    case uncertain(reason: String)
    /// The grant is as it was; the provider is not to be had now.
    case failing(reason: String, retryAfter: Duration?)
    /// The grant is as it was; the provider refuses the client.
    case refused(reason: String)

    var reason: String {
        switch self {
        case .needsReconnect(let reason), .uncertain(let reason), .failing(let reason, _), .refused(let reason): reason
        }
    }

    var state: ConnectionState {
        switch self {
        case .needsReconnect: .needsReconnect
        case .uncertain: .uncertain
        case .failing, .refused: .active
        }
    }

    var notice: ConnectionNotice.Kind {
        switch self {
        case .needsReconnect: .needsReconnect
        case .uncertain: .uncertain
        case .failing: .failing
        case .refused: .refused
        }
    }

    /// The pace at which a provider that fails is asked again; one that refuses the client more slowly, since a person has to mend it.
    private var pace: RetryPolicy? {
        switch self {
        case .needsReconnect, .uncertain: nil
        case .failing: RetryPolicy(base: .seconds(5), factor: 2, max: .seconds(900))
        case .refused: RetryPolicy(base: .seconds(60), factor: 4, max: .seconds(3600))
        }
    }

    /// How long to leave the provider alone; `nil` where it is not asked again.
    /// - Parameter failures: those in a row, this one included.
    func pause(failures: Int, _ environment: Environment) -> Duration? {
        guard let ceiling = pace?.ceiling(attempt: failures) else { return nil }
        var pause = ceiling / 2 + environment.duration(upTo: ceiling / 2)
        if case .failing(_, let patience?) = self { pause += min(patience, RetryPolicy.patienceMax) }
        return pause
    }

    func error(_ id: JobID, pause: Duration?) -> ConnectionError {
        switch self {
        case .needsReconnect(let reason): .needsReconnect(id, reason: reason)
        case .uncertain(let reason): .uncertain(id, reason: reason)
        case .failing(let reason, _): .unavailable(id, reason: reason, retryAfter: pause ?? .zero)
        case .refused(let reason): .refused(id, reason: reason)
        }
    }
}
