/// Why an authorization came to nothing. Each of them ends it: begin another one.
public enum AuthorizationError: Error, Sendable, Hashable {
    /// Nobody began it, it has been completed already, or it has expired and was removed.
    case unknownState
    case expired
    /// The answer came with another browser than the question.
    case otherSession
    /// The answer is another server's.
    case otherIssuer
    /// The user or the provider said no.
    case denied(code: String)
    /// Neither a code nor an error came back.
    case noCode
    /// The provider gave no tokens for the code.
    case refused(reason: String)
    /// The provider could not be asked; the code may have been used up.
    case unanswered(reason: String)
}

extension AuthorizationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownState: "this authorization was not begun here, or has been completed already: begin again"
        case .expired: "this authorization took too long: begin again"
        case .otherSession: "this authorization was begun in another browser: begin again in this one"
        case .otherIssuer: "the answer came from another server than the one that was asked: begin again"
        case .denied(let code): "the authorization was denied (\(code))"
        case .noCode: "the provider sent neither a code nor an error: begin again"
        case .refused(let reason): "the provider gives no tokens for its code (\(reason)): begin again, or check the provider's definition"
        case .unanswered(let reason): "the provider did not answer (\(reason)): begin again"
        }
    }
}
