/// How a request says who makes it.
struct Identity: Sendable {
    let principal: Principal
    /// The session's token, where it is a page's reader and no program.
    var session: String?
    /// Whether the key has not been revoked, nor the token expired, since.
    var check: @Sendable () -> Bool = { true }

    static let local = Identity(principal: .local)
    static let nobody = Identity(principal: .nobody)
}
