/// A log, oldest first, a page at a time: as much is read as is taken. It ends with the newest record that there was when it began.
public struct LogPages: AsyncSequence, Sendable {
    public typealias Element = [LogRecord]

    let source: any LogSource
    let query: LogQuery

    public struct AsyncIterator: AsyncIteratorProtocol {
        let source: any LogSource
        var query: LogQuery
        var isBegun = false
        var isOver = false

        public mutating func next() async throws -> [LogRecord]? {
            if !isBegun { try await begin() }
            if isOver { return nil }
            let records = try await source.records(query)
            guard let last = records.last else {
                isOver = true
                return nil
            }
            query.after = last.sequence
            return records
        }

        private mutating func begin() async throws {
            isBegun = true
            var newest = LogQuery()
            newest.before = query.before
            newest.limit = 1
            guard let last = try await source.records(newest).first else {
                isOver = true
                return
            }
            query.before = last.sequence + 1
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        var query = query
        query.order = .oldestFirst
        query.limit = LogQuery.limitMax
        return AsyncIterator(source: source, query: query)
    }
}
