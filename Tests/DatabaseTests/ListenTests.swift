import Database
import MartletCore
import Testing

@Suite("Listening to PostgreSQL")
struct ListenTests {
    @Test("A listener hears its channels, says when it may have missed something, and is a connection only while it listens")
    func listening() async throws {
        try await PostgresServer.direct.withOpen("pool_size=1") { database in
            #expect(try await database.backends() == 0)
            do {
                var heard = database.notifications(["jobs", "odd \"name"]).makeAsyncIterator()
                #expect(await heard.next() == .unspecific)
                try await database.notify("others", "1")
                try await database.notify("jobs", "2")
                try await database.notify("odd \"name")
                #expect(await heard.next() == .message(channel: "jobs", payload: "2"))
                #expect(await heard.next() == .message(channel: "odd \"name", payload: ""))

                var second = database.notifications(["others"]).makeAsyncIterator()
                #expect(await second.next() == .unspecific)
                #expect(await heard.next() == .unspecific)
                try await database.notify("others", "3")
                #expect(await second.next() == .message(channel: "others", payload: "3"))
                #expect(try await database.backends() == 1)

                try await database.run {
                    try $0.run(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()")
                }
                #expect(await heard.next() == .unspecific)
                try await database.notify("jobs", "4")
                #expect(await heard.next() == .message(channel: "jobs", payload: "4"))
            }
            try await database.wait(until: "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database()")
        }
    }

    @Test("The end of the database ends its streams")
    func ending() async throws {
        try await PostgresServer.direct.withOpen { database in
            var heard = database.notifications(["jobs"]).makeAsyncIterator()
            #expect(await heard.next() == .unspecific)
            await database.close()
            #expect(await heard.next() == nil)
            var late = database.notifications(["jobs"]).makeAsyncIterator()
            #expect(await late.next() == nil)
        }
    }
}
