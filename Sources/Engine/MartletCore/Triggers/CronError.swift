/// What is wrong with a cron expression: the field, the value, and what is allowed there.
public struct CronError: Error, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
