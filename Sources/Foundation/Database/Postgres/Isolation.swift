/// How a transaction sees others that run beside it (chapter 13.2 of PostgreSQL's manual).
public enum Isolation: Sendable, Hashable {
    /// Each statement sees what was committed before it.
    case readCommitted
    /// Every statement sees the state at the first.
    case repeatableRead
    /// As if transactions ran one after another; those that cannot are tried again.
    case serializable

    func begin(readOnly: Bool) -> SQL {
        switch (self, readOnly) {
        case (.readCommitted, false): "BEGIN ISOLATION LEVEL READ COMMITTED"
        case (.readCommitted, true): "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
        case (.repeatableRead, false): "BEGIN ISOLATION LEVEL REPEATABLE READ"
        case (.repeatableRead, true): "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        case (.serializable, false): "BEGIN ISOLATION LEVEL SERIALIZABLE"
        case (.serializable, true): "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY"
        }
    }
}
