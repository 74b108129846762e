import GRDB
import Synchronization

extension SQLiteDatabase {
    /// Rows changed after which a transaction takes no further operation, so that one commit never keeps many callers waiting.
    private static var changesMax: Int { 5000 }

    /// Runs `body` in the writer's next transaction and returns when that is on disk. An operation that throws is undone alone:
    /// the others of its transaction are not touched.
    /// - Throws: what `body` throws, or `DatabaseFailure`.
    @discardableResult
    public func write<Value: Sendable>(_ body: @escaping @Sendable (Scope) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit(
                PendingWrite(
                    perform: { scope in
                        do {
                            let value = try body(scope)
                            try scope.finish()
                            return PendingWrite.Completion(failed: false) { failure in
                                if let failure { continuation.resume(throwing: failure) } else { continuation.resume(returning: value) }
                            }
                        } catch {
                            let reported: any Error = error is DatabaseError ? DatabaseFailure(error) : error
                            return PendingWrite.Completion(failed: true) { _ in continuation.resume(throwing: reported) }
                        }
                    },
                    refuse: { continuation.resume(throwing: $0) }))
        }
    }

    private func submit(_ write: PendingWrite<Scope>) {
        switch queue.withLock({ $0.add(write) }) {
        case .queued: break
        case .startsDrain: pool.asyncWriteWithoutTransaction { handle in self.drain(handle) }
        case .refused(let failure): write.refuse(failure)
        }
    }

    private func drain(_ handle: SQLiteHandle) {
        while true {
            var batch = queue.withLock { $0.takeAll() }[...]
            if batch.isEmpty { return }
            while !batch.isEmpty { commitSome(of: &batch, handle) }
        }
    }

    /// One transaction with the operations at the front of `batch`.
    private func commitSome(of batch: inout ArraySlice<PendingWrite<Scope>>, _ handle: SQLiteHandle) {
        let connection = Connection(handle)
        let scope: Scope
        do {
            try connection.begin()
            scope = try openScope(connection)
        } catch {
            connection.rollback()
            let failure = DatabaseFailure(error)
            for write in batch { write.refuse(failure) }
            batch = []
            return
        }
        let start = connection.totalChanges
        var done: [PendingWrite<Scope>.Completion] = []
        var failed: [PendingWrite<Scope>.Completion] = []
        var fault: DatabaseFailure?
        repeat {
            let write = batch.removeFirst()
            let completion = perform(write, isAlone: done.isEmpty && batch.isEmpty, scope, connection, &fault)
            if completion.failed { failed.append(completion) } else { done.append(completion) }
        } while !batch.isEmpty && fault == nil && connection.totalChanges - start < Self.changesMax
        do {
            if let fault { throw fault }
            try connection.commit()
            memory.withLock { $0.keep(scope.committed()) }
        } catch {
            connection.rollback()
            fault = DatabaseFailure(error)
        }
        for completion in done { completion.resume(fault) }
        for completion in failed { completion.resume(nil) }
    }

    private func openScope(_ connection: Connection) throws -> Scope {
        let version = try connection.dataVersion()
        let (isChanged, kept) = memory.withLock { ($0.notice(version), $0.take()) }
        if isChanged { changedElsewhere() }
        return try makeScope(connection, kept)
    }

    /// One operation. `fault` is set where the whole transaction is lost with it.
    private func perform(
        _ write: PendingWrite<Scope>, isAlone: Bool, _ scope: Scope, _ connection: Connection, _ fault: inout DatabaseFailure?
    ) -> PendingWrite<Scope>.Completion {
        do {
            // An operation alone in its transaction needs no savepoint: what undoes it is the rollback.
            if !isAlone { try connection.openSavepoint() }
            let before = connection.totalChanges
            let completion = write.perform(scope)
            let isUntouched = connection.totalChanges == before && !scope.isUnwritten
            if !connection.isInsideTransaction {
                fault = DatabaseFailure(.unavailable, reason: "a neighbour in the same transaction met an error of the disk", mayHaveHappened: false)
            } else if completion.failed && !isUntouched {
                if isAlone { connection.rollback() } else { try connection.undoSavepoint() }
                try scope.forget()
                if isAlone { try connection.begin() }
            }
            if !isAlone && connection.isInsideTransaction { try connection.closeSavepoint() }
            return completion
        } catch {
            fault = DatabaseFailure(error)
            return PendingWrite.Completion(failed: false) { failure in write.refuse(failure ?? .closed) }
        }
    }
}
