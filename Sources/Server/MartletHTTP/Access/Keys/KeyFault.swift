/// Why a key was not made, or not revoked.
public enum KeyFault: Error, Sendable, Hashable {
    case notFound(String)
    case tooMany(Int)
    /// What is wrong with which part of the wish.
    case invalid(field: String, reason: String)
}

extension KeyFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound(let id): "there is no key '\(id)': 'martlet keys list' shows their ids"
        case .tooMany(let count): "there are \(count) keys that can be used, as many as may be: revoke some"
        case .invalid(let field, let reason): "\(field) \(reason)"
        }
    }
}
