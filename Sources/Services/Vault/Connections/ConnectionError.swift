import MartletCore

/// Why there is no token. Says what to do; holds no token and nothing that a server wrote but its error code.
public enum ConnectionError: Error, Sendable, Hashable {
    case notFound(String)
    /// A definition, a name or a parameter that is not taken.
    case invalid(field: String, reason: String)
    /// The provider has refused the grant, or it has run out.
    case needsReconnect(JobID, reason: String)
    /// Nobody knows whether the refresh token is still good.
    case uncertain(JobID, reason: String)
    case revoked(JobID)
    /// The provider cannot be reached or asks for patience; the grant is as it was.
    case unavailable(JobID, reason: String, retryAfter: Duration)
    /// The provider refuses the client, not the grant: a definition or a client secret is wrong.
    case refused(JobID, reason: String)
    /// It takes longer than the caller would wait; it goes on without him.
    case deadline(JobID)
    /// Another process has the connection by now: this one's late write was refused.
    case fenced(JobID)
    /// `Connections.run()` does not run in this process, or is stopping.
    case notRunning
    /// So many connections wait to be refreshed that no more are taken.
    case overloaded(Int)
    /// The connection is revoked here; whether the provider knows is not certain.
    case revocationUnconfirmed(JobID, reason: String)
}

extension ConnectionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound(let what): "there is no \(what)"
        case .invalid(let field, let reason): "\(field) \(reason)"
        case .needsReconnect(let id, let reason): "connection \(id) must be authorized again: \(reason)"
        case .uncertain(let id, let reason):
            "it is not known whether the grant of connection \(id) is still good (\(reason)): authorize again, or ask for one more try"
        case .revoked(let id): "connection \(id) has been revoked"
        case .unavailable(let id, let reason, let delay):
            "the provider of connection \(id) gives no token now (\(reason)): try again in \(delay.inSeconds) s"
        case .refused(let id, let reason):
            "the provider of connection \(id) refuses the client (\(reason)): check the provider's definition and client secret"
        case .deadline(let id): "a new token for connection \(id) takes longer than the caller waits: try again, it goes on meanwhile"
        case .fenced(let id): "another process has taken over connection \(id): nothing was written, read it again"
        case .notRunning: "nothing refreshes tokens in this process: run Connections.run()"
        case .overloaded(let count): "\(count) connections are waiting to be refreshed already: try again later"
        case .revocationUnconfirmed(let id, let reason):
            "connection \(id) is revoked here, but the provider did not confirm it (\(reason)): remove the access there too"
        }
    }
}
