/// What to do after an answer.
enum RefreshAction: Sendable, Equatable {
    case commit(TokenGrant)
    /// - Parameter isKnown: whether the last request is known to have done nothing.
    case retry(after: Duration, isKnown: Bool)
    case end(RefreshEnding)
}
