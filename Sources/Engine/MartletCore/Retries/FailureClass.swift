/// What a failure says about trying again.
public enum FailureClass: Sendable, Hashable {
    /// May pass by itself: a timeout, a refused connection, an overloaded server.
    case transient
    /// Will be the same next time: a bad request, a missing permission.
    case permanent
    /// The other side asked for patience, and may have said for how long (`Retry-After`).
    case rateLimited(after: Duration?)
    /// Nothing was tried, because a limit of our own says that it is too early: put back for this long, the attempt given back.
    case postponed(for: Duration)
}
