import Database
import MartletCore

/// A transaction of the caller's own on the store's file: the jobs enqueued through it exist if and only if it commits.
/// Valid no longer than the closure that GRDB handed the connection to.
public struct SQLiteTransaction: JobTransaction {
    private let transition: Transition

    init(_ transition: Transition) {
        self.transition = transition
    }

    /// - Throws: `invalid` for more than `Limits.batch`; `unavailable` or `corrupt` where the file cannot be used, or holds no store.
    public func enqueue(_ jobs: [NewJob]) throws(StoreError) -> [Enqueued] {
        do {
            return try transition.connection.savepoint {
                // The caller may have undone, or written, anything since the last call.
                try transition.forget()
                let answers = try transition.enqueue(jobs)
                try transition.flush()
                return answers
            }
        } catch {
            throw StoreError(error)
        }
    }
}

extension SQLiteStore {
    /// Enqueues inside a transaction that the caller has open on this store's file: `pool.write { db in try store.transaction(db).enqueue(…) }`.
    /// - Parameter handle: a GRDB connection to the same file, inside a transaction.
    /// - Throws: `unavailable` or `corrupt` where the file cannot be used, or holds no store.
    public func transaction(_ handle: SQLiteHandle) throws(StoreError) -> SQLiteTransaction {
        let connection = Connection(handle)
        do {
            let transition = try Transition(connection, nil, random: environment.random, fanout: fanout)
            transition.begin(at: now())
            let fanout = fanout
            connection.afterCommit { fanout.send(Wakeup(work: true, isUnspecific: true)) }
            return SQLiteTransaction(transition)
        } catch {
            throw StoreError(error)
        }
    }
}
