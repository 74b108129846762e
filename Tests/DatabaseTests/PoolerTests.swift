import Database
import MartletCore
import Testing

/// The server behind PgBouncer in transaction mode: every transaction may meet another connection of the server.
@Suite("PostgreSQL behind a pooler")
struct PoolerTests {
    private static let notes = Schema(name: "notes", steps: [["CREATE TABLE notes (id bigint PRIMARY KEY, text text NOT NULL)"]])

    @Test(
        "S3-7: Prepared statements that get lost on the way are noticed, and nothing is lost or done twice", arguments: ["prepare=on", "prepare=off"])
    func preparing(parameters: String) async throws {
        try await PostgresServer.pooled.withOpen("pool_size=16&pool_wait=60&" + parameters, schemas: [Self.notes]) { database in
            try await withThrowingTaskGroup { group in
                for number in 0..<400 {
                    group.addTask {
                        if number % 2 == 0 {
                            try await database.run { try $0.run("INSERT INTO notes VALUES (\(number), \("note"))") }
                        } else {
                            try await database.transaction { connection in
                                try connection.run("INSERT INTO notes VALUES (\(number), \("note"))")
                                try connection.savepoint { _ = try connection.run("UPDATE notes SET text = text WHERE id = \(number)") }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.run { try $0.answer("SELECT count(*) FROM notes")[0].int(0) } == 400)
        }
    }

    @Test("A transaction's settings do not stay behind on the server's connection, and cancelling works through the pooler")
    func settings() async throws {
        try await PostgresServer.pooled.withOpen("pool_size=4&statement_timeout=2") { database in
            let inside = try await database.transaction { try $0.answer("SHOW idle_in_transaction_session_timeout")[0].text(0) }
            #expect(inside == "30s")
            let outside = try await database.run { try $0.answer("SHOW idle_in_transaction_session_timeout")[0].text(0) }
            #expect(outside != "30s")
            let failure = await #expect(throws: DatabaseFailure.self) {
                try await database.run(within: .milliseconds(50)) { try $0.run("SELECT pg_sleep(600)") }
            }
            #expect(failure?.sqlState == "57014")
            #expect(database.metrics.closed == 0)
        }
    }

    @Test("Behind a pooler nothing is heard, and that is said, unless the URL leads past it")
    func listening() async throws {
        try await PostgresServer.pooled.withOpen { database in
            #expect(!database.canListen)
            var heard = database.notifications(["jobs"]).makeAsyncIterator()
            try await database.notify("jobs")
            await database.close()
            #expect(await heard.next() == nil)
        }
        try await PostgresServer.pooled.withOpen("listen=" + PostgresServer.direct.place()) { database in
            #expect(database.canListen)
            var heard = database.notifications(["jobs"]).makeAsyncIterator()
            #expect(await heard.next() == .unspecific)
            try await database.notify("jobs", "1")
            #expect(await heard.next() == .message(channel: "jobs", payload: "1"))
        }
    }
}
