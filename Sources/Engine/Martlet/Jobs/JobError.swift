/// What a handler can throw to say how its attempt ended, and what the engine throws into a handler.
public enum JobError: Error, Sendable, Hashable {
    /// Trying again may help; the engine's policy says when.
    case transient(String)
    /// Trying again does not help: the job fails at once.
    case permanent(String)
    /// Somebody asked for a pause: not before this long. The attempt is charged.
    case rateLimited(after: Duration, String)
    /// Put back for this long, the attempt given back.
    case snoozed(for: Duration)
    /// A payload or a step's result is not what the Swift type expects; trying again does not help.
    case decoding(type: String, reason: String)
    case encoding(type: String, reason: String)
    /// A recorded effect's outcome is not known, and its reconciler could not tell: it is not repeated blindly. Find out, then revive the job.
    case effectUnknown(String)
    /// The lease was lost: another attempt owns the job now. Return at once; nothing this attempt writes is accepted.
    case leaseLost
    /// The context was used after a wait, a sleep or the end of the attempt.
    case suspended
}

extension JobError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .transient(let message), .permanent(let message), .rateLimited(_, let message): message
        case .snoozed(let delay): "snoozed for \(delay.inSeconds) s"
        case .decoding(let type, let reason): "the JSON does not fit \(type): \(reason)"
        case .encoding(let type, let reason): "\(type) cannot be written as JSON: \(reason)"
        case .effectUnknown(let name): "whether the effect '\(name)' happened is not known; find out, then revive the job"
        case .leaseLost: "another attempt owns this job now"
        case .suspended: "this attempt has ended; the handler must return"
        }
    }
}
