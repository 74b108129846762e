import MartletCore

/// What a connection means to somebody who wants a token now.
enum ConnectionStanding: Sendable, Hashable {
    /// The stored token is good.
    case usable
    /// New tokens are needed.
    case due
    /// No token, and why.
    case ended(ConnectionError)
}

extension ConnectionRow {
    /// - Parameter rejected: the version of tokens that the provider's API has refused, whatever they say of themselves.
    func standing(hasTokens: Bool, rejecting rejected: Int?, now: Timestamp) -> ConnectionStanding {
        switch state {
        case .revoked: return .ended(.revoked(id))
        case .needsReconnect: return .ended(.needsReconnect(id, reason: reason ?? ""))
        case .active, .refreshing, .uncertain: break
        }
        if hasTokens, version > (rejected ?? 0), let usableUntil, now < usableUntil { return .usable }
        if state == .uncertain { return .ended(.uncertain(id, reason: reason ?? "")) }
        // A provider that failed is asked again at its time and not by every caller.
        if failures > 0, let refreshAt, refreshAt > now {
            return .ended(.unavailable(id, reason: reason ?? "", retryAfter: refreshAt - now))
        }
        return .due
    }
}
