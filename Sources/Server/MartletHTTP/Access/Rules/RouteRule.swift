/// Who may use a route.
public enum RouteRule: Sendable, Hashable {
    /// Everybody, and nobody is asked.
    case everybody
    /// Whoever has said who they are; the route itself decides what they see.
    case somebody
    case needs(Scope)
}
