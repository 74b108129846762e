import MartletCore

/// When a refresh is tried again: after 1, 2 and 4 s, each with up to half of it on top, and never against the grant.
///
/// With rotating refresh tokens a request that the server may have acted on is as good as spent: the reply that is lost had the only good token,
/// and showing the old one looks like theft (RFC 9700, section 4.14.2). So it is repeated where the server did nothing for sure, where
/// asking twice is harmless, or once within the grace in which the server still takes the old token.
struct RefreshRetries: Sendable {
    private static let delays: [Duration] = [.seconds(1), .seconds(2), .seconds(4)]

    /// Whether asking twice is harmless.
    let mayRepeat: Bool
    let grace: Duration
    private var retries = 0

    init(mayRepeat: Bool, grace: Duration) {
        self.mayRepeat = mayRepeat
        self.grace = grace
    }

    /// - Parameters:
    ///   - unanswered: requests whose outcome nobody knows, this one included if it is one.
    ///   - since: when the first of these was sent.
    ///   - left: until the deadline.
    mutating func next(
        after answer: TokenAnswer, unanswered: Int, since: Timestamp, now: Timestamp, left: Duration, _ environment: Environment
    ) -> RefreshAction {
        switch answer {
        case .granted(let grant): return .commit(grant)
        case .grantRefused(let code): return .end(.needsReconnect(reason: "the provider refuses the grant (\(code))"))
        case .clientRefused(let reason): return .end(.refused(reason: reason))
        case .notNow(let reason, let patience): return again(reason, patience, left, environment)
        case .unknown(let reason):
            if mayRepeat { return again(reason, nil, left, environment) }
            guard Self.allows(unanswered: max(1, unanswered), since: since, now: now, grace: grace) else { return .end(.uncertain(reason: reason)) }
            // Soon, for the grace is short, and not at once, for the server may be in trouble.
            return .retry(after: environment.duration(upTo: min(.seconds(1), grace / 8)), isKnown: false)
        }
    }

    /// Whether one more request may be sent after `unanswered` whose outcome nobody knows.
    static func allows(unanswered: Int, since: Timestamp?, now: Timestamp, grace: Duration) -> Bool {
        guard unanswered > 0 else { return true }
        guard unanswered == 1, let since else { return false }
        // A quarter of the grace is for the way to the server, and for clocks that run apart.
        return now >= since && now - since < grace * 3 / 4
    }

    private mutating func again(_ reason: String, _ patience: Duration?, _ left: Duration, _ environment: Environment) -> RefreshAction {
        guard retries < Self.delays.count else { return .end(.failing(reason: reason, retryAfter: patience)) }
        let delay = max(Self.delays[retries], patience ?? .zero)
        let pause = delay + environment.duration(upTo: Self.delays[retries] / 2)
        guard pause < left else { return .end(.failing(reason: reason, retryAfter: patience)) }
        retries += 1
        return .retry(after: pause, isKnown: true)
    }
}
