import MartletCore

/// Why a cache has no answer. What the computation itself throws is passed on as it is.
public enum CacheError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The computation took longer than its policy allows, and was cancelled.
    case timeout(cache: String, limit: Duration)
    /// As many computations or callers wait as the limits allow.
    case overloaded(cache: String)
    /// `run()` is over, or was cancelled meanwhile.
    case stopped(cache: String)
    /// A key no cache takes.
    case invalidKey(reason: String)
    /// What is kept under the key is not of the type that was asked for.
    case unreadable(cache: String, type: String)

    public var description: String {
        switch self {
        case .timeout(let cache, let limit):
            "a computation for the cache '\(cache)' took longer than \(limit.inSeconds) s and was cancelled: make it faster, or allow it more"
        case .overloaded(let cache): "the cache '\(cache)' has as many computations and callers waiting as it takes: try again later"
        case .stopped(let cache): "the cache '\(cache)' is not running any more"
        case .invalidKey(let reason): "a cache's key \(reason)"
        case .unreadable(let cache, let type):
            "a value in the cache '\(cache)' cannot be read as \(type): invalidate it, and give values of another form another key"
        }
    }
}
