import Database
import MartletCore

extension PostgresStore {
    /// Jobs removed in one transaction, so that nobody waits long behind it.
    private static let chunk = 1000

    public func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult {
        let limit = max(0, limit)
        // Whole days that are over cost nothing to remove, however many jobs they hold.
        let dropped = try await call("SELECT \(schema)drop_days(\(time.argument))") { try $0.first?.int(0) ?? 0 }
        var result = PruneResult(jobs: 0, events: 0, hasMore: false)
        repeat {
            let chunk = min(limit - result.jobs, Self.chunk)
            let (removed, hasMore) = try await removed("prune_jobs(\(chunk), \(time.argument))")
            result.jobs += removed
            result.hasMore = hasMore
            if removed == 0 { break }
        } while result.hasMore && result.jobs < limit
        let (events, hasMore) = try await removed("prune_events(\(limit), \(eventRetention.microseconds), \(time.argument))")
        result.jobs += dropped
        result.events = events
        result.hasMore = result.hasMore || hasMore
        return result
    }

    private func removed(_ function: SQL) async throws(StoreError) -> (Int, Bool) {
        let (removed, hasMore, now) = try await call("SELECT removed, more, now FROM \(schema)\(function)") { answer in
            guard let row = answer.first else { throw StoreError.unknownRow }
            return (try row.int(0), try row.bool(1), try row.timestamp(2))
        }
        time.saw(now)
        return (removed, hasMore)
    }
}
