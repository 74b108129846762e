import GRDB
import MartletCore
import SQLiteStore
import Testing

@Suite("Enqueueing in a transaction of one's own")
struct TransactionTests {
    private struct Regret: Error {}

    @Test("The jobs are there when it commits, with what else it wrote, and can be claimed at once")
    func commit() async throws {
        let file = try StoreFile()
        let store = try await file.open()
        let pool = try DatabasePool(path: file.path)
        _ = try await store.enqueue([.made(1)])
        try await pool.write { db in
            try db.execute(sql: "CREATE TABLE orders (id INTEGER)")
            try db.execute(sql: "INSERT INTO orders VALUES (7)")
            let transaction: SQLiteTransaction = try store.transaction(db)
            #expect(try transaction.enqueue([.made(2), .made(1)]).map { $0.job?.id } == [.numbered(2), .numbered(1)])
            #expect(try transaction.enqueue([.made(3) { $0.key = IdempotencyKey("k") }]).first?.job?.id == .numbered(3))
        }
        #expect(try await store.claim(.all(10)).jobs.map(\.job.id) == [1, 2, 3].map(JobID.numbered))
        await store.close()
        try await Recount(path: file.path).check()
    }

    @Test("Nothing of it is there when it rolls back, and the store goes on")
    func rollback() async throws {
        let file = try StoreFile()
        let store = try await file.open()
        let pool = try DatabasePool(path: file.path)
        await #expect(throws: Regret.self) {
            try await pool.write { db in
                _ = try store.transaction(db).enqueue([.made(2)])
                throw Regret()
            }
        }
        #expect(try await store.job(.numbered(2)) == nil)
        #expect(try await store.overview().queues.isEmpty)
        _ = try await store.enqueue([.made(2)])
        #expect(try await store.claim(.all(10)).jobs.count == 1)
        await store.close()
        try await Recount(path: file.path).check()
    }

    @Test("A savepoint that is undone takes its jobs with it, and leaves those before it")
    func savepoint() async throws {
        let file = try StoreFile()
        let store = try await file.open()
        let pool = try DatabasePool(path: file.path)
        try await pool.write { db in
            let transaction: SQLiteTransaction = try store.transaction(db)
            _ = try transaction.enqueue([.made(1)])
            try db.inSavepoint {
                _ = try transaction.enqueue([.made(2, kind: "b")])
                return .rollback
            }
            _ = try transaction.enqueue([.made(3, kind: "b")])
        }
        #expect(try await store.claim(.all(10)).jobs.map(\.job.id) == [1, 3].map(JobID.numbered))
        await store.close()
        try await Recount(path: file.path).check()
    }
}
