/// Why the database could not do it. Says what to do; never holds a value, a password or a URL with one.
public struct DatabaseFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// Not now: the same call may succeed later.
        case unavailable
        /// The data is damaged or unknown to this build, or the statement is wrong: retrying does not help.
        case corrupt
        /// The data refuses the value: it is taken already, missing, or out of its bounds.
        case constraint(Constraint)
    }

    /// The rule that a write ran into.
    public struct Constraint: Sendable, Hashable {
        public enum Rule: Sendable, Hashable {
            case unique, foreignKey, notNull, check, exclusion
        }

        public let rule: Rule
        /// The rule's name; SQLite does not tell it.
        public let name: String?

        public init(_ rule: Rule, name: String? = nil) {
            self.rule = rule
            self.name = name
        }
    }

    public let kind: Kind
    public let reason: String
    /// Whether the write may be there all the same.
    public let mayHaveHappened: Bool
    /// PostgreSQL's five characters for the error (appendix A of its manual), also those that a function of the database raised.
    public let sqlState: String?

    public init(_ kind: Kind, reason: String, mayHaveHappened: Bool = false, sqlState: String? = nil) {
        self.kind = kind
        self.reason = reason
        self.mayHaveHappened = mayHaveHappened
        self.sqlState = sqlState
    }

    public var description: String { reason }

    /// Whether the write ran into a rule that keeps something unique, of this name where one is given.
    public func isUniqueViolation(of name: String? = nil) -> Bool {
        guard case .constraint(let constraint) = kind, constraint.rule == .unique else { return false }
        return name == nil || constraint.name == name
    }

    public static let closed = DatabaseFailure(.unavailable, reason: "the database has been closed")

    static func overloaded(_ count: Int) -> DatabaseFailure {
        DatabaseFailure(.unavailable, reason: "\(count) writes are waiting already: slow down and try again")
    }
}
