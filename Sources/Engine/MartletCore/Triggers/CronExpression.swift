/// A cron schedule in five fields (minute hour day-of-month month day-of-week) or six (seconds first).
public struct CronExpression: Sendable, Hashable {
    /// The expression as it was given.
    public let text: String

    public init(_ text: String) throws(CronError) {
        self.text = text
    }
}

/// What is wrong with a cron expression, and where.
public struct CronError: Error, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
