import MartletCore

/// What to do for a connection that was read again under its lease.
enum RefreshStart: Sendable, Hashable {
    /// Another process has done it.
    case fresh
    case refuse(ConnectionError)
    case ask
    case end(RefreshEnding)

    init(_ snapshot: ConnectionSnapshot, rejecting rejected: Int?, now: Timestamp) {
        let row = snapshot.row
        switch row.standing(hasTokens: snapshot.tokens != nil, rejecting: rejected, now: now) {
        case .ended(let error):
            self = .refuse(error)
            return
        case .usable where (row.refreshAt ?? .distantFuture) > now:
            self = .fresh
            return
        case .usable where row.state == .uncertain:
            self = .fresh
            return
        case .usable, .due: break
        }
        if row.kind == .authorizationCode, snapshot.tokens?.refresh == nil {
            self = .end(.needsReconnect(reason: "the access token has run out, and the provider gave no refresh token"))
        } else if snapshot.mayRepeat
            || RefreshRetries.allows(unanswered: row.unanswered, since: row.unansweredSince, now: now, grace: snapshot.grace)
        {
            self = .ask
        } else {
            self = .end(.uncertain(reason: "a process asked for new tokens and ended before it had the reply"))
        }
    }
}
