import Logging
import Records

/// What is logged, and how.
struct LogSettings: Sendable, Hashable {
    enum Format: String, Sendable, CaseIterable {
        /// Lines for people: time, level, message, key=value.
        case text
        /// One JSON object per line.
        case json
    }

    enum Level: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical

        var loggerLevel: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
    }

    var level = Level.info
    var format = Format.text
    /// How much of it is kept in the database.
    var retention = LogRetention()
}
