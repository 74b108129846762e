/// What is wrong with a command, and where.
public struct CommandFault: Error, Sendable, Hashable {
    /// The path inside the command as `martlet.yaml` spells it: `run.3`, `timeout`.
    public let field: String
    public let reason: String

    public init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }
}
