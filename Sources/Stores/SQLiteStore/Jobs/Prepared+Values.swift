import Database
import MartletCore

extension Prepared {
    @discardableResult
    func bind(_ id: JobID) -> Prepared { bind(high: id.high, low: id.low) }

    @discardableResult
    func bind(_ time: Timestamp) -> Prepared { bind(time.microseconds) }

    @discardableResult
    func bind(_ time: Timestamp?) -> Prepared { bind(time?.microseconds) }

    @discardableResult
    func bind(_ span: Duration?) -> Prepared { bind(span?.microseconds) }

    func id(_ column: Int32) throws(DatabaseFailure) -> JobID {
        let words = try words(column)
        return JobID(high: words.high, low: words.low)
    }

    func time(_ column: Int32) -> Timestamp { Timestamp(microseconds: int64(column)) }
    func optionalTime(_ column: Int32) -> Timestamp? { isNull(column) ? nil : time(column) }
    func optionalSpan(_ column: Int32) -> Duration? { isNull(column) ? nil : .microseconds(int64(column)) }

    /// Six counts from `column` on, in the order of the schema.
    func counts(from column: Int32) -> Counts {
        var counts = Counts()
        counts.ready = int(column)
        counts.running = int(column + 1)
        counts.waiting = int(column + 2)
        counts.succeeded = int(column + 3)
        counts.failed = int(column + 4)
        counts.cancelled = int(column + 5)
        return counts
    }

    @discardableResult
    func bind(_ counts: Counts) -> Prepared {
        bind(counts.ready).bind(counts.running).bind(counts.waiting).bind(counts.succeeded).bind(counts.failed).bind(counts.cancelled)
    }
}
