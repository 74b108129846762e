/// Where log records are read.
public protocol LogSource: Sendable {
    /// At most `query.limit` records that match, in the query's order.
    func records(_ query: LogQuery) async throws -> [LogRecord]
    /// One record; `nil` where there is none of this number any more.
    func record(_ sequence: Int) async throws -> LogRecord?
}

extension LogSource {
    /// Everything that matches, for an export.
    public func pages(_ query: LogQuery) -> LogPages { LogPages(source: self, query: query) }
}
