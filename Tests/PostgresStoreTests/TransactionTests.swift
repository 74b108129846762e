import Database
import MartletCore
import PostgresStore
import Testing

@Suite("Enqueueing in a transaction of one's own", .timeLimit(.minutes(5)))
struct TransactionTests {
    private struct Regret: Error {}

    @Test("The jobs are there when it commits, and not when it is undone")
    func transaction() async throws {
        let pair = try await StorePair()
        let store = pair.first
        let database = try await PostgresDatabase.open(try TestServer.url, settings: TestServer.settings, environment: .system)
        let kept = NewJob.made { $0.key = IdempotencyKey("k") }
        let (plain, regretted) = (NewJob.made(), NewJob.made())
        let answers = try await database.transaction { connection in
            let transaction: PostgresTransaction = store.transaction(connection)
            return try transaction.enqueue([kept]) + transaction.enqueue([plain, plain])
        }
        #expect(answers.map { $0.job?.id } == [kept.id, plain.id, plain.id])
        await #expect(throws: Regret.self) {
            try await database.transaction { connection in
                _ = try store.transaction(connection).enqueue([regretted])
                throw Regret()
            }
        }
        #expect(try await store.job(regretted.id) == nil)
        #expect(try await store.claim(ClaimPlan(node: NodeID("n"), kinds: nil, limit: 9)).jobs.count == 2)
        await database.close()
        try await pair.close()
    }

    @Test("Any language enqueues with a function, under the same rules")
    func function() async throws {
        let pair = try await StorePair()
        let enqueue = SQL(stringLiteral: "\(pair.schema).enqueue")
        let database = try await PostgresDatabase.open(try TestServer.url, settings: TestServer.settings, environment: .system)
        let rows = try await database.run { connection in
            let first = try connection.rows(
                "SELECT job, duplicate, replaced FROM \(enqueue)('mail', '{\"user\": 7}', key => 'k', labels => '{\"a\": \"b\"}')")
            let second = try connection.rows(
                "SELECT job, duplicate, replaced FROM \(enqueue)('mail', '{\"user\": 8}', key => 'k', on_conflict => 'replace')")
            return first + second
        }
        let ids = try rows.map { try $0.get("job", as: JobID.self) }
        #expect(ids[0] == ids[1])
        #expect(try rows.map { try $0.get("replaced", as: Bool.self) } == [false, true])
        let job = try await pair.first.claim(ClaimPlan(node: NodeID("n"), kinds: ["mail"], limit: 1)).jobs.first?.job
        #expect(job?.id == ids[0] && job?.payload.json["user"] == 8 && job?.key == "k")
        for (call, state) in [
            ("enqueue('', '{}')", "MRT10"), ("enqueue('mail', '{}', priority => 4)", "MRT10"),
            ("enqueue('mail', '{}', key => 'k', on_conflict => 'reject')", "MRT13"),
            ("enqueue('other', '{}', id => '\(ids[0])')", "MRT14"),
        ] {
            let failure = await #expect(throws: DatabaseFailure.self) {
                try await database.run { try $0.run(SQL(stringLiteral: "SELECT * FROM \(pair.schema).\(call)")) }
            }
            #expect(failure?.sqlState == state)
        }
        await database.close()
        try await pair.close()
    }
}
