import MartletCore

/// When tokens stop being used, and when they are replaced. Counted from the moment they were asked for by this machine's clock: the server says
/// how long they live and not until when, so its own clock does not matter.
struct TokenLife: Sendable, Hashable {
    let expiresAt: Timestamp
    /// A request that takes its time must still arrive with a good token: a minute before the end, less where that is much of the whole.
    let usableUntil: Timestamp
    /// Somewhere between 70 and 85 % of the life, so that tokens that were made together are not replaced together, and a provider that is away
    /// for a while is noticed while the tokens are still good.
    let refreshAt: Timestamp

    private static let skewMax: Duration = .seconds(60)

    init(_ grant: TokenGrant, _ provider: OAuthProvider, asked: Timestamp, isRenewable: Bool, _ environment: Environment) {
        let life = grant.lifetime ?? provider.defaultLifetime
        expiresAt = asked + life
        usableUntil = expiresAt - min(life / 10, Self.skewMax)
        // What cannot be replaced is used to its end.
        refreshAt = isRenewable ? asked + life * 7 / 10 + environment.duration(upTo: life * 15 / 100) : usableUntil
    }
}
