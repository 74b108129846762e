/// What `LISTEN` heard. A hint: none is kept for those who were away.
public enum PostgresNotification: Sendable, Hashable {
    /// A transaction that said `NOTIFY` on the channel has committed.
    case message(channel: String, payload: String)
    /// The connection was made, or made anew: anything may have been missed.
    case unspecific
}
