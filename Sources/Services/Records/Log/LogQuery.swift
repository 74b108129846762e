import Logging
import MartletCore

/// Which records are asked for. Everything that is set must hold.
public struct LogQuery: Sendable, Hashable {
    /// From which end of the log a page is taken.
    public enum Order: Sendable, Hashable { case newestFirst, oldestFirst }

    public static let limitMax = 1000

    public var level: Logger.Level = .trace
    /// A category with everything below it: `martlet` is `martlet.http` too.
    public var category: String?
    public var since: Timestamp?
    /// The first instant that is not meant any more.
    public var until: Timestamp?
    /// Records with a greater number.
    public var after: Int?
    /// Records with a smaller number.
    public var before: Int?
    public var order = Order.newestFirst
    /// At most `limitMax`.
    public var limit = Limits.pageMax

    public init() {}

    public func matches(_ record: LogRecord) -> Bool {
        if record.level < level { return false }
        if let category, record.category != category, !record.category.hasPrefix(category + ".") { return false }
        if let since, record.at < since { return false }
        if let until, record.at >= until { return false }
        if let after, record.sequence <= after { return false }
        if let before, record.sequence >= before { return false }
        return true
    }
}
