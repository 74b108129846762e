import Database
import MartletCore

/// A transaction of the caller's own on the store's database: the jobs enqueued through it exist if and only if it commits, and workers
/// hear of them then. Valid no longer than the closure that the connection was handed to.
public struct PostgresTransaction: JobTransaction {
    private let connection: PostgresConnection
    private let store: PostgresStore

    fileprivate init(_ connection: PostgresConnection, _ store: PostgresStore) {
        self.connection = connection
        self.store = store
    }

    /// In a transaction of `readCommitted`. A queue with a high-water mark, and keys, are locked until it ends.
    /// - Throws: `invalid` for more than `Limits.batch`; `unavailable` or `corrupt` where the database cannot be used, or holds no store.
    public func enqueue(_ jobs: [NewJob]) throws(StoreError) -> [Enqueued] {
        try PostgresStore.checkBatch(jobs.count, "jobs")
        let (connection, store) = (connection, store)
        let batch = EnqueueBatch(jobs)
        guard let function = batch.function(store.time.argument) else { return try batch.answers([], store) }
        let now: SQL = "\(store.schema)clock(\(store.time.argument))"
        let first: SQL = if let instant = batch.firstInstant { "least(\(instant), \(now))" } else { now }
        do {
            let answers = try connection.batch([
                "SELECT \(CallAnswer.columns) FROM \(store.schema)\(function)",
                "SELECT pg_notify(\(store.channel), 'w' || (extract(epoch FROM \(first)) * 1000000)::bigint || '/sql')",
            ])
            return try batch.answers(try answers[0].map(CallAnswer.init), store)
        } catch {
            throw StoreError(error)
        }
    }
}

extension PostgresStore {
    /// Enqueues inside a transaction that the caller has open on this store's database:
    /// `database.transaction { connection in try store.transaction(connection).enqueue(…) }`.
    public func transaction(_ connection: PostgresConnection) -> PostgresTransaction {
        PostgresTransaction(connection, self)
    }
}
