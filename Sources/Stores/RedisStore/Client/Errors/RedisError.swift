import MartletCore

/// Why a command has no reply. Holds no argument, no password and no address with one.
enum RedisError: Error, Sendable, Hashable {
    /// The server cannot be reached, or the connection was lost. Retry with backoff.
    case unavailable(reason: String, mayHaveHappened: Bool)
    /// No reply in time.
    case timedOut(after: Duration, mayHaveHappened: Bool)
    /// Too much is waiting already; nothing was sent.
    case overloaded(waiting: Int)
    /// The caller was cancelled.
    case cancelled(mayHaveHappened: Bool)
    /// The client has been closed.
    case closed
    /// The server said no.
    case refused(RedisRefusal)
    /// The server speaks something else than RESP; the connection was closed.
    case unreadable(RESPFault, mayHaveHappened: Bool)

    /// Whether the command may have been carried out. `false` only where that is certain: no byte of it was written, or Redis refused it.
    var mayHaveHappened: Bool {
        switch self {
        case .unavailable(_, let known), .timedOut(_, let known), .cancelled(let known), .unreadable(_, let known): known
        case .refused(let refusal): refusal.mayHaveHappened
        case .overloaded, .closed: false
        }
    }

    /// Whether the same command may succeed later without anybody changing anything.
    var isTransient: Bool {
        switch self {
        case .unavailable, .timedOut, .overloaded, .unreadable: true
        case .cancelled, .closed: false
        case .refused(let refusal): refusal.isTransient
        }
    }
}

extension RedisError {
    /// The same failure for a command of which bytes were written, or none.
    func reached(_ isWritten: Bool) -> RedisError {
        switch self {
        case .unavailable(let reason, _): .unavailable(reason: reason, mayHaveHappened: isWritten)
        case .timedOut(let after, _): .timedOut(after: after, mayHaveHappened: isWritten)
        case .cancelled: .cancelled(mayHaveHappened: isWritten)
        case .unreadable(let fault, _): .unreadable(fault, mayHaveHappened: isWritten)
        // These say by themselves that nothing was sent.
        case .overloaded, .closed, .refused: isWritten ? .unavailable(reason: description, mayHaveHappened: true) : self
        }
    }
}

extension RedisError: CustomStringConvertible {
    var description: String {
        switch self {
        case .unavailable(let reason, let known): "Redis is not available: \(reason)" + Self.suffix(known)
        case .timedOut(let after, let known): "Redis did not answer within \(after.inSeconds) s" + Self.suffix(known)
        case .overloaded(let waiting): "\(waiting) commands wait for Redis already: slow down and try again"
        case .cancelled(let known): "the command was cancelled" + Self.suffix(known)
        case .closed: "the connection to Redis has been closed"
        case .refused(let refusal): refusal.description
        case .unreadable(let fault, let known): "Redis cannot be understood: \(fault)" + Self.suffix(known)
        }
    }

    private static func suffix(_ mayHaveHappened: Bool) -> String {
        mayHaveHappened ? "; whether the command was carried out is not known" : "; nothing was sent"
    }
}
