import Logging
import MartletCore

/// One line of the log.
public struct LogRecord: Sendable {
    /// Grows by one with each record of a ring.
    public let sequence: Int
    public let at: Timestamp
    public let level: Logger.Level
    /// The logger's name.
    public let label: String
    public let message: String
    public let metadata: [String: String]
}
